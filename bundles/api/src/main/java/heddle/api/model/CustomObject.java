package heddle.api.model;

import java.util.Map;

/** An object of a kind that Heddle has no record for: a vendor's filter, policy or match. {@code spec} holds JSON's types:
 *  String, Long, Double, Boolean, List, Map. */
public record CustomObject(Metadata metadata, String group, String version, Map<String, Object> spec) implements MeshObject {
    public CustomObject {
        spec = Map.copyOf(spec);
    }
}
