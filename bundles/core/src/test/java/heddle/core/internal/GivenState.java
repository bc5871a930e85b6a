package heddle.core.internal;

import heddle.api.model.MeshObject;
import heddle.api.source.SourceProblem;
import heddle.api.source.SourceState;
import heddle.gateway.Decoded;
import heddle.gateway.Document;
import heddle.gateway.ManifestDecoder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A source's state out of YAML. A document that stays as it is stays the same instance, as a real source promises. */
record GivenState(long revision, List<MeshObject> objects, List<SourceProblem> problems) implements SourceState {
    private static final ManifestDecoder DECODER = new ManifestDecoder();
    private static final Map<String, List<MeshObject>> DECODED = new HashMap<>();
    private static long revisions;

    static synchronized GivenState of(String... texts) {
        List<MeshObject> objects = new ArrayList<>();
        for (String text : texts) {
            for (Document document : Document.split(text)) {
                objects.addAll(DECODED.computeIfAbsent(document.text().strip(), each -> {
                    Decoded decoded = DECODER.decode("test.yaml", each);
                    if (!decoded.problems().isEmpty()) throw new IllegalArgumentException(decoded.problems() + " in\n" + each);
                    return decoded.objects();
                }));
            }
        }
        return new GivenState(++revisions, objects, List.of());
    }

    static GivenState of(List<MeshObject> objects) {
        return new GivenState(++revisions, objects, List.of());
    }

    @Override public <T extends MeshObject> Collection<T> all(Class<T> kind) {
        return objects.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
