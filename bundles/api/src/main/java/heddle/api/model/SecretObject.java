package heddle.api.model;

import java.util.Map;

/** v1 Secret. Values are decoded, a character a byte (ISO-8859-1); they are never printed. */
public record SecretObject(Metadata metadata, String type, Map<String, String> data) implements MeshObject {
    public SecretObject {
        data = Map.copyOf(data);
    }

    @Override public String toString() {
        return "SecretObject[" + key() + ", " + type + ", keys " + data.keySet() + "]";
    }
}
