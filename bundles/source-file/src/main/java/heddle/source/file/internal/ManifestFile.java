package heddle.source.file.internal;

import heddle.api.model.MeshObject;
import heddle.api.model.ObjectKey;
import heddle.api.source.SourceProblem;
import heddle.gateway.Decoded;
import heddle.gateway.Document;
import heddle.gateway.ManifestDecoder;
import heddle.gateway.ServiceDetails;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One manifest file as last read: its documents, the objects in force and what is wrong with it. Immutable. Reading a new text decodes only
 *  the documents that changed; an object that did not change stays the same instance (so its {@code origin} keeps the line at which it was
 *  last changed). Where something is broken the last good objects stay. */
final class ManifestFile {
    private final ManifestDecoder decoder;
    private final String origin;
    /** null = it could not be read. */
    private final @Nullable String text;
    private final Map<String, Decoded> documents;
    private final Map<ObjectKey, MeshObject> objects;
    private final Map<ObjectKey, ServiceDetails> details;
    private final List<SourceProblem> problems;
    private final List<SourceProblem> notes;

    private ManifestFile(ManifestDecoder decoder, String origin, @Nullable String text, Map<String, Decoded> documents, Map<ObjectKey, MeshObject> objects,
                         Map<ObjectKey, ServiceDetails> details, List<SourceProblem> problems, List<SourceProblem> notes) {
        this.decoder = decoder;
        this.origin = origin;
        this.text = text;
        this.documents = documents;
        this.objects = objects;
        this.details = details;
        this.problems = problems;
        this.notes = notes;
    }

    static ManifestFile read(ManifestDecoder decoder, String origin, String text, Optional<ManifestFile> before) {
        Map<String, Decoded> old = before.filter(file -> file.decoder == decoder).map(file -> file.documents).orElse(Map.of());
        Map<String, Decoded> documents = new HashMap<>();
        Map<ObjectKey, MeshObject> objects = new LinkedHashMap<>();
        Map<ObjectKey, ServiceDetails> details = new HashMap<>();
        Map<ObjectKey, MeshObject> was = before.map(file -> file.objects).orElse(Map.of());
        List<SourceProblem> problems = new ArrayList<>();
        List<SourceProblem> notes = new ArrayList<>();
        boolean keepAll = false;
        for (Document document : Document.split(text)) {
            Decoded decoded = documents.containsKey(document.text()) ? null : old.get(document.text());
            if (decoded == null || !decoded.problems().isEmpty() || !decoded.notes().isEmpty()) {
                decoded = decoder.decode(origin, document);
            }
            documents.put(document.text(), decoded);
            problems.addAll(decoded.problems());
            notes.addAll(decoded.notes());
            details.putAll(decoded.details());
            keepAll |= decoded.unidentified();
            for (MeshObject object : decoded.objects()) {
                ObjectKey identity = Decoded.identity(object);
                MeshObject earlier = was.get(identity);
                if (objects.putIfAbsent(identity, object.equals(earlier) ? earlier : object) != null) {
                    problems.add(new SourceProblem(object.metadata().origin(), object.key().toString(), "",
                            "is written twice; the one at " + objects.get(identity).metadata().origin() + " is in force"));
                }
            }
            for (ObjectKey key : decoded.refused()) {
                keep(key, before, objects, details);
            }
        }
        if (keepAll) {
            was.keySet().forEach(key -> keep(key, before, objects, details));
        }
        return new ManifestFile(decoder, origin, text, documents, objects, details, problems, notes);
    }

    /** The file is there but cannot be read: what it held stays. */
    static ManifestFile unreadable(ManifestDecoder decoder, String origin, String reason, Optional<ManifestFile> before) {
        SourceProblem problem = new SourceProblem(origin, "", "", reason);
        return before.map(file -> new ManifestFile(decoder, origin, null, Map.of(), file.objects, file.details, List.of(problem), List.of()))
                .orElseGet(() -> new ManifestFile(decoder, origin, null, Map.of(), Map.of(), Map.of(), List.of(problem), List.of()));
    }

    private static void keep(ObjectKey key, Optional<ManifestFile> before, Map<ObjectKey, MeshObject> objects, Map<ObjectKey, ServiceDetails> details) {
        before.map(file -> file.objects.get(key)).ifPresent(object -> {
            objects.putIfAbsent(key, object);
            if (before.get().details.containsKey(key)) {
                details.putIfAbsent(key, before.get().details.get(key));
            }
        });
    }

    /** True when this may be a file that somebody is still writing: it lost objects, is broken, or ends in the middle of a line. */
    boolean looksUnfinished(ManifestFile before) {
        return text != null && !holds(before.text) && (!endsWithLine() || hasLost(before));
    }

    /** True when this is very likely one: it ends in the middle of a line, and lost objects or is broken. */
    boolean looksTorn(ManifestFile before) {
        return text != null && !holds(before.text) && !endsWithLine() && hasLost(before);
    }

    private boolean hasLost(ManifestFile before) {
        return problems.size() > before.problems.size() || !objects.keySet().containsAll(before.objects.keySet());
    }

    String origin() {
        return origin;
    }

    boolean holds(@Nullable String other) {
        return text != null && text.equals(other);
    }

    /** False when another decoder is in use now, so that the text must be read anew. */
    boolean isOf(ManifestDecoder current) {
        return decoder == current;
    }

    boolean endsWithLine() {
        return text != null && text.endsWith("\n");
    }

    Map<ObjectKey, MeshObject> objects() {
        return objects;
    }

    Map<ObjectKey, ServiceDetails> details() {
        return details;
    }

    List<SourceProblem> problems() {
        return problems;
    }

    List<SourceProblem> notes() {
        return notes;
    }
}
