package heddle.api.model;

import java.util.Map;

/** v1 ConfigMap: a policy's CA certificates lie in its key {@code ca.crt} (SPEC.md B13). */
public record ConfigMapObject(Metadata metadata, Map<String, String> data) implements MeshObject {
    public ConfigMapObject {
        data = Map.copyOf(data);
    }
}
