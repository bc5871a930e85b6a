package heddle.core.internal;

import heddle.api.model.BackendTlsPolicy;
import heddle.api.model.BackendTrafficPolicy;
import heddle.api.model.ConfigMapObject;
import heddle.api.model.CustomObject;
import heddle.api.model.EndpointSlice;
import heddle.api.model.GrpcRoute;
import heddle.api.model.HttpRoute;
import heddle.api.model.MeshObject;
import heddle.api.model.NamespaceObject;
import heddle.api.model.ReferenceGrant;
import heddle.api.model.SecretObject;
import heddle.api.model.Service;
import heddle.api.model.TcpRoute;
import heddle.api.model.TlsRoute;
import heddle.api.model.UdpRoute;
import heddle.api.model.Workload;
import heddle.api.source.SourceProblem;
import heddle.api.source.SourceState;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a source's state said when it came: read once, so that a source whose state throws fails on its own thread and no build of all. */
record ReadState(long revision, Map<Class<?>, List<?>> objects, List<SourceProblem> problems, List<SourceProblem> notes) implements SourceState {
    private static final List<Class<? extends MeshObject>> KINDS = List.of(Service.class, EndpointSlice.class, HttpRoute.class, GrpcRoute.class, TlsRoute.class,
            TcpRoute.class, UdpRoute.class, Workload.class, ReferenceGrant.class, BackendTlsPolicy.class, BackendTrafficPolicy.class, CustomObject.class,
            ConfigMapObject.class, SecretObject.class, NamespaceObject.class);

    /** @throws RuntimeException also an Error: whatever the state throws; null or something else where an object of the kind belongs */
    static ReadState of(SourceState given) {
        Map<Class<?>, List<?>> objects = new HashMap<>();
        for (Class<? extends MeshObject> kind : KINDS) {
            List<?> all = List.copyOf(given.all(kind));
            for (Object each : all) kind.cast(each);
            if (!all.isEmpty()) objects.put(kind, all);
        }
        return new ReadState(given.revision(), objects, List.copyOf(given.problems()), List.copyOf(given.notes()));
    }

    @SuppressWarnings("unchecked")                                  // cast one by one above
    @Override public <T extends MeshObject> Collection<T> all(Class<T> kind) {
        return (List<T>) objects.getOrDefault(kind, List.of());
    }
}
