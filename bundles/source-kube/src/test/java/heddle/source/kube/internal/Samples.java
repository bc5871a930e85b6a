package heddle.source.kube.internal;

import heddle.gateway.ManifestDecoder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** API objects as JSON trees. */
final class Samples {
    static final String ROUTES = "/apis/gateway.networking.k8s.io/v1/httproutes";
    static final String SERVICES = "/api/v1/services";
    static final String PODS = "/api/v1/pods";
    static final String NAMESPACES = "/api/v1/namespaces";

    private static final ManifestDecoder MANIFESTS = new ManifestDecoder();

    private Samples() {}

    static ObjectStore.Decoded decode(Map<String, Object> object) {
        return KubeSource.decode(MANIFESTS, object);
    }

    static Map<String, Object> meta(String namespace, String name, Map<String, Object> more) {
        Map<String, Object> meta = new LinkedHashMap<>(Map.of("name", name, "uid", "uid-" + name, "generation", 1L,
                "creationTimestamp", "2026-01-02T03:04:05Z"));
        if (!namespace.isEmpty()) {
            meta.put("namespace", namespace);
        }
        meta.putAll(more);
        return meta;
    }

    static Map<String, Object> route(String namespace, String name, String backend) {
        return Map.of("metadata", meta(namespace, name, Map.of()), "spec", Map.of(
                "parentRefs", List.of(Map.of("group", "", "kind", "Service", "name", "oven")),
                "rules", List.of(Map.of("backendRefs", List.of(Map.of("name", backend, "port", 80L))))));
    }

    static Map<String, Object> service(String namespace, String name, String ip) {
        return Map.of("metadata", meta(namespace, name, Map.of()), "spec", Map.of("clusterIP", ip, "clusterIPs", List.of(ip), "type", "ClusterIP",
                "ports", List.of(Map.of("port", 80L, "protocol", "TCP", "targetPort", 8080L))));
    }

    static Map<String, Object> namespace(String name, Map<String, Object> labels) {
        return Map.of("metadata", meta("", name, Map.of("labels", labels)));
    }

    static Map<String, Object> pod(String namespace, String name, String uid, Map<String, Object> labels, String phase) {
        return Map.of("metadata", meta(namespace, name, Map.of("uid", uid, "labels", labels)),
                "spec", Map.of("serviceAccountName", "baker", "containers",
                        List.of(Map.of("name", "c", "ports", List.of(Map.of("name", "web", "containerPort", 8080L))))),
                "status", Map.of("phase", phase, "podIP", "10.1.2.3", "podIPs", List.of(Map.of("ip", "10.1.2.3"), Map.of("ip", "fd00::3")),
                        "qosClass", "BestEffort", "conditions", List.of(Map.of("type", "Ready", "status", "True"))));
    }
}
