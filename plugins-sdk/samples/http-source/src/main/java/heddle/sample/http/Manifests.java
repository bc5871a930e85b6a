package heddle.sample.http;

import heddle.api.model.MeshObject;
import heddle.api.model.ObjectKey;
import heddle.api.source.SourceProblem;
import heddle.api.source.SourceState;
import heddle.gateway.Decoded;
import heddle.gateway.Document;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One state. A document whose text did not change is not decoded again, so its objects are the same instances; an object that became
 *  invalid keeps its last good state. Immutable.
 *  @param byText  what each document was decoded to
 *  @param objects in force, by identity */
record Manifests(long revision, Map<String, Decoded> byText, Map<ObjectKey, MeshObject> objects, List<SourceProblem> problems) implements SourceState {
    static Manifests of(List<Document> documents, @Nullable Manifests before, Function<Document, Decoded> decode) {
        Map<String, Decoded> byText = new LinkedHashMap<>();
        for (Document each : documents) {
            Decoded known = before == null ? null : before.byText().get(each.text());
            byText.put(each.text(), known == null ? decode.apply(each) : known);
        }
        Map<ObjectKey, MeshObject> objects = new LinkedHashMap<>();
        for (Decoded decoded : byText.values()) decoded.objects().forEach(object -> objects.putIfAbsent(Decoded.identity(object), object));
        if (before != null) {
            boolean unreadable = byText.values().stream().anyMatch(Decoded::unidentified);
            before.objects().forEach((key, object) -> {
                if (unreadable || byText.values().stream().anyMatch(decoded -> decoded.refused().contains(key))) objects.putIfAbsent(key, object);
            });
        }
        List<SourceProblem> problems = byText.values().stream().flatMap(decoded -> decoded.problems().stream()).toList();
        return new Manifests(before == null ? 1 : before.revision() + 1, byText, objects, problems);
    }

    boolean sameAs(Manifests other) {
        return byText.keySet().equals(other.byText.keySet());
    }

    Manifests again() {
        return new Manifests(revision + 1, byText, objects, problems);
    }

    @Override public <T extends MeshObject> Collection<T> all(Class<T> kind) {
        return objects.values().stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
