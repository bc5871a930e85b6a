package heddle.api.model;

import java.util.List;

/** What all route kinds share. Kinds in force on one Service port exclude each other (SPEC.md P7). */
public sealed interface Route extends MeshObject permits HttpRoute, GrpcRoute, TlsRoute, TcpRoute, UdpRoute {
    List<ParentRef> parentRefs();

    /** Fields that the decoder did not know, for the route's status and {@code explain}; each names its field and line. */
    List<String> warnings();
}
