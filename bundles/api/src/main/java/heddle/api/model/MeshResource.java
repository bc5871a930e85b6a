package heddle.api.model;

import java.util.Optional;

/** gateway.networking.x-k8s.io/v1alpha1 XMesh, cluster-scoped (SPEC.md S6). */
public record MeshResource(Metadata metadata, String controllerName, String description, Optional<Parameters> parameters) implements MeshObject {
    /** ParametersReference; {@code namespace} absent for cluster-scoped kinds. */
    public record Parameters(String group, String kind, String name, Optional<String> namespace) {}
}
