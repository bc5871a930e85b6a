package heddle.api.model;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** What every object carries.
 *  @param created    creationTimestamp; absent = younger than every object that has one (SPEC.md §3)
 *  @param generation the spec's generation; 0 where the source has none
 *  @param origin     where it came from, for messages: {@code shop.yaml:12}, or the API server's resourceVersion */
public record Metadata(ObjectKey key, Map<String, String> labels, Map<String, String> annotations,
                       Optional<Instant> created, long generation, String uid, String origin) {
    public Metadata {
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }

    public static Metadata of(String kind, String namespace, String name) {
        return new Metadata(new ObjectKey(kind, namespace, name), Map.of(), Map.of(), Optional.empty(), 0, "", "");
    }

    public Optional<String> annotation(String name) {
        return Optional.ofNullable(annotations.get(name));
    }
}
