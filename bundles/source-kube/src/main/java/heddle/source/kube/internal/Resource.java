package heddle.source.kube.internal;

import java.util.List;

/** A kind that is watched.
 *  @param group    "" for the core group
 *  @param versions in order of preference; the first that the server has is used
 *  @param required without it there is no mesh: the first state waits for it
 *  @param selector a query such as {@code fieldSelector=...}, or ""
 *  @param namespace where alone it is watched, or ""
 *  @param metadataOnly the server leaves spec and status out */
record Resource(String kind, String group, List<String> versions, String plural, boolean required, String selector, String namespace, boolean metadataOnly) {
    static final String GATEWAY = "gateway.networking.k8s.io";
    static final String GATEWAY_X = "gateway.networking.x-k8s.io";
    static final String OURS = "heddle.io";

    Resource {
        versions = List.copyOf(versions);
    }

    /** All kinds, with the pods of one node only. */
    static List<Resource> all(String node) {
        return List.of(
                core("Namespace", "namespaces", ""),
                core("Service", "services", ""),
                core("Pod", "pods", "fieldSelector=spec.nodeName%3D" + node),
                new Resource("EndpointSlice", "discovery.k8s.io", List.of("v1"), "endpointslices", true, "", "", false),
                route("HTTPRoute", "httproutes"), route("GRPCRoute", "grpcroutes"), route("TLSRoute", "tlsroutes"),
                route("TCPRoute", "tcproutes"), route("UDPRoute", "udproutes"), route("ReferenceGrant", "referencegrants"),
                route("BackendTLSPolicy", "backendtlspolicies"),
                new Resource("XBackendTrafficPolicy", GATEWAY_X, List.of("v1alpha1"), "xbackendtrafficpolicies", false, "", "", false),
                new Resource("XMesh", GATEWAY_X, List.of("v1alpha1"), "xmeshes", false, "", "", false),
                ours("CircuitLimit", "circuitlimits"), ours("FaultInjection", "faultinjections"),
                ours("HeaderAccess", "headeraccesses"), ours("LocalRateLimit", "localratelimits"),
                new Resource("CustomResourceDefinition", "apiextensions.k8s.io", List.of("v1"), "customresourcedefinitions", false, "", "", true));
    }

    /** The Leases by which the nodes of one mesh say how far they are. */
    static Resource leases(String namespace, String mesh) {
        return new Resource("Lease", "coordination.k8s.io", List.of("v1"), "leases", false, "labelSelector=heddle.io%2Fmesh%3D" + mesh, namespace, false);
    }

    private static Resource core(String kind, String plural, String selector) {
        return new Resource(kind, "", List.of("v1"), plural, true, selector, "", false);
    }

    private static Resource ours(String kind, String plural) {
        return new Resource(kind, OURS, List.of("v1alpha1"), plural, false, "", "", false);
    }

    private static Resource route(String kind, String plural) {
        return new Resource(kind, GATEWAY, List.of("v1", "v1beta1", "v1alpha3", "v1alpha2"), plural, false, "", "", false);
    }

    /** Of one version: {@code /apis/GROUP/VERSION}. */
    String root(String version) {
        return group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version;
    }

    /** Of all objects of the kind. */
    String path(String version) {
        return root(version) + (namespace.isEmpty() ? "" : "/namespaces/" + namespace) + "/" + plural;
    }

    /** Of one object; {@code namespace} "" for cluster-scoped kinds. */
    String path(String version, String namespace, String name) {
        return root(version) + (namespace.isEmpty() ? "" : "/namespaces/" + namespace) + "/" + plural + "/" + name;
    }

    /** What a person calls it: {@code httproutes.gateway.networking.k8s.io}. */
    String label() {
        return group.isEmpty() ? plural : plural + "." + group;
    }
}
