package heddle.itest.mesh;

/** The manifests of the tests; addresses are written with {@code NET}, see {@link Field#manifest}. */
final class Yaml {
    private Yaml() {}

    /** A Service {@code name} at NET.HOST whose ports {@code 80:8080} come from workloads labelled {@code app: name}. */
    static String service(String namespace, String name, int host, String... ports) {
        StringBuilder yaml = new StringBuilder("""
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: %s, namespace: %s}
                spec:
                  clusterIP: NET.%d
                  selector: {app: %s}
                  ports:
                """.formatted(name, namespace, host, name));
        for (String port : ports) {
            String[] parts = port.split(":");
            yaml.append("  - {name: p%s, port: %s, targetPort: %s}\n".formatted(parts[0], parts[0], parts[1]));
        }
        return yaml.toString();
    }

    /** A Workload at NET.HOST with label {@code app}. */
    static String workload(String namespace, String name, int host, String app) {
        return """
                ---
                apiVersion: heddle.io/v1alpha1
                kind: Workload
                metadata: {name: %s, namespace: %s, labels: {app: %s}}
                spec: {addresses: [NET.%d], serviceAccountName: %s}
                """.formatted(name, namespace, app, host, name);
    }

    /** An HTTPRoute attached to Service {@code parent} (of {@code parentNamespace}); {@code rules} is the YAML list of rules. */
    static String route(String namespace, String name, String parentNamespace, String parent, String annotations, String rules) {
        return """
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: %s, namespace: %s, annotations: {%s}}
                spec:
                  parentRefs:
                  - {group: "", kind: Service, name: %s, namespace: %s}
                  rules:
                """.formatted(name, namespace, annotations, parent, parentNamespace) + rules.stripTrailing().indent(2);
    }

    static String route(String namespace, String name, String parent, String rules) {
        return route(namespace, name, namespace, parent, "", rules);
    }
}
