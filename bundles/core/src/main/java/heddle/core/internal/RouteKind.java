package heddle.core.internal;

import heddle.api.model.GrpcRoute;
import heddle.api.model.HttpRoute;
import heddle.api.model.Route;
import heddle.api.model.ServicePort;
import heddle.api.model.TcpRoute;
import heddle.api.model.TlsRoute;
import heddle.api.model.UdpRoute;

/** Route kinds in the order in which they put each other out of force (SPEC.md P7). */
enum RouteKind {
    GRPC, HTTP, TLS, TCP, UDP;

    static RouteKind of(Route route) {
        return switch (route) {
            case GrpcRoute grpc -> GRPC;
            case HttpRoute http -> HTTP;
            case TlsRoute tls -> TLS;
            case TcpRoute tcp -> TCP;
            case UdpRoute udp -> UDP;
        };
    }

    /** The transport protocol that a Service port must have. */
    String protocol() {
        return this == UDP ? "UDP" : "TCP";
    }

    boolean http() {
        return this == GRPC || this == HTTP;
    }

    /** Whether routes of the kind concern a port at all: its transport, and for HTTP kinds its appProtocol. */
    boolean appliesTo(ServicePort port) {
        return port.protocol().equals(protocol()) && (!http() || AppProtocol.expected(port).isPresent());
    }
}
