package heddle.gateway.internal;

import heddle.api.model.MeshObject;
import heddle.api.model.Metadata;
import heddle.api.model.NamespaceObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which kinds there are a record for, in which versions; which are known to say nothing to a mesh. */
final class Kinds {
    static final String GATEWAY = "gateway.networking.k8s.io";
    static final String EXPERIMENTAL = "gateway.networking.x-k8s.io";

    /** Decodes one kind; {@code version} is one of {@link Kind#versions()}. */
    interface Decoder {
        MeshObject decode(Spot root, Metadata metadata, String version);
    }

    record Kind(List<String> versions, boolean namespaced, Decoder decoder) {}

    private static final Map<String, Kind> KINDS = Map.ofEntries(
            Map.entry("/Namespace", new Kind(List.of("v1"), false, (root, metadata, version) -> namespace(root, metadata))),
            Map.entry("discovery.k8s.io/EndpointSlice", new Kind(List.of("v1"), true, (root, metadata, version) -> EndpointSliceDecoder.decode(root, metadata))),
            Map.entry("heddle.io/Workload", new Kind(List.of("v1alpha1"), true, (root, metadata, version) -> WorkloadDecoder.decode(root, metadata))),
            Map.entry(GATEWAY + "/HTTPRoute", new Kind(List.of("v1", "v1beta1"), true, (root, metadata, version) -> HttpRouteDecoder.decode(root, metadata))),
            Map.entry(GATEWAY + "/GRPCRoute", new Kind(List.of("v1"), true, (root, metadata, version) -> GrpcRouteDecoder.decode(root, metadata))),
            Map.entry(GATEWAY + "/TLSRoute", new Kind(List.of("v1", "v1alpha3", "v1alpha2"), true, StreamRouteDecoder::tls)),
            Map.entry(GATEWAY + "/TCPRoute", new Kind(List.of("v1", "v1alpha2"), true, StreamRouteDecoder::tcp)),
            Map.entry(GATEWAY + "/UDPRoute", new Kind(List.of("v1", "v1alpha2"), true, StreamRouteDecoder::udp)),
            Map.entry(GATEWAY + "/ReferenceGrant", new Kind(List.of("v1", "v1beta1"), true, (root, metadata, version) -> StreamRouteDecoder.grant(root, metadata))),
            Map.entry("/ConfigMap", new Kind(List.of("v1"), true, (root, metadata, version) -> PolicyDecoder.configMap(root, metadata))),
            Map.entry("/Secret", new Kind(List.of("v1"), true, (root, metadata, version) -> PolicyDecoder.secret(root, metadata))),
            Map.entry(GATEWAY + "/BackendTLSPolicy", new Kind(List.of("v1", "v1alpha3"), true, (root, metadata, version) -> PolicyDecoder.tls(root, metadata))),
            Map.entry(EXPERIMENTAL + "/XBackendTrafficPolicy", new Kind(List.of("v1alpha1"), true, (root, metadata, version) -> PolicyDecoder.traffic(root, metadata))),
            Map.entry(EXPERIMENTAL + "/XMesh", new Kind(List.of("v1alpha1"), false, (root, metadata, version) -> PolicyDecoder.mesh(root, metadata))));

    static @Nullable Kind of(String group, String kind) {
        return KINDS.get(group + "/" + kind);
    }

    /** Kubernetes' own groups, as found beside routes in any manifest (Deployments, RBAC, autoscalers), and those whose kinds we do not serve. */
    static boolean isIrrelevant(String group) {
        return group.indexOf('.') < 0 || group.endsWith(".k8s.io") || group.equals(EXPERIMENTAL) || group.equals("multicluster.x-k8s.io");
    }

    /** Kinds that have no namespace, so that messages do not invent one. */
    static boolean isClusterScoped(String kind) {
        return Set.of("GatewayClass", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "Node", "PersistentVolume").contains(kind);
    }

    private static MeshObject namespace(Spot root, Metadata metadata) {
        root.ignore("spec");
        return new NamespaceObject(metadata);
    }

    private Kinds() {}
}
