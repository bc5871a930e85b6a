package heddle.source.kube.internal;

import heddle.api.model.BackendTlsPolicy;
import heddle.api.model.MeshObject;
import heddle.api.model.ObjectKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Watches single ConfigMaps and Secrets that BackendTLSPolicies name for their CA certificates, one watch each: a cluster's other
 *  ConfigMaps are nobody's business here and would fill the memory. Called from the policies' watch and closed once. */
final class ReferencedObjects implements AutoCloseable {
    /** What {@code caCertificateRefs} may name, by kind. */
    private static final Map<String, String> PLURALS = Map.of("ConfigMap", "configmaps", "Secret", "secrets");

    private final KubeApi api;
    private final ApiGate gate;
    private final KubeMetrics metrics;
    private final KindWatch.Sink sink;
    private final Map<ObjectKey, Thread> watches = new HashMap<>();

    /** @param sink gets {@code changed} and {@code deleted} only */
    ReferencedObjects(KubeApi api, ApiGate gate, KubeMetrics metrics, KindWatch.Sink sink) {
        this.api = api;
        this.gate = gate;
        this.metrics = metrics;
        this.sink = sink;
    }

    /** Starts and ends watches so that they are those which the policies name. */
    synchronized void follow(List<? extends MeshObject> policies) {
        Set<ObjectKey> wanted = new HashSet<>();
        for (MeshObject each : policies) {
            if (each instanceof BackendTlsPolicy policy) {
                policy.caCertificateRefs().stream().filter(ref -> ref.group().isEmpty() && PLURALS.containsKey(ref.kind()))
                        .forEach(ref -> wanted.add(new ObjectKey(ref.kind(), policy.namespace(), ref.name())));
            }
        }
        for (ObjectKey key : Set.copyOf(watches.keySet())) {
            if (!wanted.contains(key)) {
                watches.remove(key).interrupt();
                sink.deleted(resource(key), Map.of("metadata", Map.of("namespace", key.namespace(), "name", key.name())));
            }
        }
        wanted.forEach(key -> watches.computeIfAbsent(key, missing ->
                Thread.ofVirtual().name("heddle-kube-" + key.path()).start(new KindWatch(api, gate, metrics, resource(key), new OneObject(key)))));
    }

    @Override public synchronized void close() {
        watches.values().forEach(Thread::interrupt);
        watches.clear();
    }

    private static Resource resource(ObjectKey key) {
        return new Resource(key.kind(), "", List.of("v1"), PLURALS.get(key.kind()), false, "fieldSelector=metadata.name%3D" + key.name(), key.namespace(),
                false);
    }

    /** A list of one object is no list of its kind. */
    private final class OneObject implements KindWatch.Sink {
        private final ObjectKey key;

        OneObject(ObjectKey key) {
            this.key = key;
        }

        @Override public void listed(Resource resource, String version, List<Map<String, Object>> objects) {
            if (objects.isEmpty()) {
                sink.deleted(resource, Map.of("metadata", Map.of("namespace", key.namespace(), "name", key.name())));
            }
            objects.forEach(each -> sink.changed(resource, each));
        }

        @Override public void changed(Resource resource, Map<String, Object> object) {
            sink.changed(resource, object);
        }

        @Override public void deleted(Resource resource, Map<String, Object> object) {
            sink.deleted(resource, object);
        }

        @Override public void missing(Resource resource, String reason) {
            sink.deleted(resource, Map.of("metadata", Map.of("namespace", key.namespace(), "name", key.name())));
        }
    }
}
