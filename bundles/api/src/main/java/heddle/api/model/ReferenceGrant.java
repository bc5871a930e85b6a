package heddle.api.model;

import java.util.List;
import java.util.Optional;

/** ReferenceGrant: {@code from} and {@code to} entries are OR-ed (SPEC.md B9, B10). */
public record ReferenceGrant(Metadata metadata, List<From> from, List<To> to) implements MeshObject {
    public ReferenceGrant {
        from = List.copyOf(from);
        to = List.copyOf(to);
    }

    public record From(String group, String kind, String namespace) {}

    public record To(String group, String kind, Optional<String> name) {}
}
