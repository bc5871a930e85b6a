package heddle.source.kube.internal;

import heddle.api.model.MeshObject;
import heddle.api.model.ObjectKey;
import heddle.api.source.SourceProblem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** What the API server holds, decoded. An object whose content did not change stays the same instance, also over a new list and over
 *  writes of its status, so that core rebuilds nothing for it. One lock; decoding happens outside of it. */
final class ObjectStore {
    /** Turns an API object into the model. */
    interface Decoder {
        Decoded decode(Map<String, Object> object);
    }

    /** @param object absent for what the mesh has no use for, and for what does not decode */
    record Decoded(Optional<MeshObject> object, List<SourceProblem> problems) {}

    private final Decoder decoder;
    private final Map<String, Map<ObjectKey, Held>> kinds = new HashMap<>();
    private final AtomicLong highest = new AtomicLong();
    private final Map<String, List<MeshObject>> cached = new HashMap<>();

    ObjectStore(Decoder decoder) {
        this.decoder = decoder;
    }

    /** Replaces a kind by a new list.
     *  @return the keys that came, went or changed, also in status alone */
    Set<ObjectKey> listed(Resource resource, String version, List<Map<String, Object>> objects) {
        Map<ObjectKey, Held> before = copy(resource.kind());
        Map<ObjectKey, Held> now = new LinkedHashMap<>(objects.size() * 2);
        for (Map<String, Object> object : objects) {
            ObjectKey key = key(resource, object);
            Held old = before.get(key);
            boolean same = old != null && old.resourceVersion().equals(Fields.text(Fields.map(object, "metadata"), "resourceVersion"));
            now.put(key, same ? old : hold(resource, version, object, Optional.ofNullable(old)));
        }
        Set<ObjectKey> touched = new HashSet<>(before.keySet());
        touched.addAll(now.keySet());
        touched.removeIf(key -> before.get(key) == now.get(key));
        synchronized (this) {
            kinds.put(resource.kind(), now);
            cached.remove(resource.kind());
        }
        return touched;
    }

    /** @return true when the object, its status aside, is another one than before */
    boolean changed(Resource resource, String version, Map<String, Object> object) {
        ObjectKey key = key(resource, object);
        Optional<Held> old = held(key);
        Held now = hold(resource, version, object, old);
        synchronized (this) {
            kinds.computeIfAbsent(resource.kind(), kind -> new LinkedHashMap<>()).put(key, now);
            boolean other = old.isEmpty() || old.get().object().orElse(null) != now.object().orElse(null)
                    || !old.get().problems().equals(now.problems());
            if (other) {
                cached.remove(resource.kind());
            }
            return other;
        }
    }

    synchronized boolean deleted(Resource resource, Map<String, Object> object) {
        Map<ObjectKey, Held> kind = kinds.get(resource.kind());
        if (kind == null || kind.remove(key(resource, object)) == null) {
            return false;
        }
        cached.remove(resource.kind());
        return true;
    }

    /** @return true when there was something */
    synchronized boolean clear(Resource resource) {
        cached.remove(resource.kind());
        Map<ObjectKey, Held> before = kinds.remove(resource.kind());
        return before != null && !before.isEmpty();
    }

    synchronized Optional<Held> held(ObjectKey key) {
        return Optional.ofNullable(kinds.getOrDefault(key.kind(), Map.of()).get(key));
    }

    /** The highest resourceVersion of all objects that were read. */
    long highest() {
        return highest.get();
    }

    synchronized Map<String, Integer> counts() {
        Map<String, Integer> counts = new HashMap<>();
        kinds.forEach((kind, all) -> counts.put(kind, all.size()));
        return counts;
    }

    /** All decoded objects by class; lists of kinds that did not change are the same instances as last time. */
    synchronized Map<Class<?>, List<MeshObject>> objects() {
        Map<Class<?>, List<MeshObject>> byClass = new HashMap<>();
        kinds.forEach((kind, all) -> {
            List<MeshObject> list = cached.computeIfAbsent(kind,
                    missing -> all.values().stream().flatMap(held -> held.object().stream()).toList());
            if (!list.isEmpty()) {
                byClass.merge(list.getFirst().getClass(), list, ObjectStore::join);
            }
        });
        return byClass;
    }

    synchronized List<MeshObject> objects(String kind) {
        return kinds.getOrDefault(kind, Map.of()).values().stream().flatMap(held -> held.object().stream()).toList();
    }

    synchronized List<SourceProblem> problems() {
        return kinds.values().stream().flatMap(kind -> kind.values().stream()).flatMap(held -> held.problems().stream()).toList();
    }

    static ObjectKey key(Resource resource, Map<String, Object> object) {
        Map<String, Object> meta = Fields.map(object, "metadata");
        return new ObjectKey(resource.kind(), Fields.text(meta, "namespace"), Fields.text(meta, "name"));
    }

    private Held hold(Resource resource, String version, Map<String, Object> object, Optional<Held> old) {
        Map<String, Object> meta = Fields.map(object, "metadata");
        Map<String, Object> status = Fields.map(object, "status");
        List<Map<String, Object>> parents = new ArrayList<>(Fields.list(status, "parents"));
        parents.addAll(Fields.list(status, "ancestors"));
        Decoded decoded = decoder.decode(typed(resource, version, object));
        Optional<MeshObject> last = old.flatMap(Held::object);
        Optional<MeshObject> kept = decoded.object().isEmpty() && !decoded.problems().isEmpty() ? last
                : decoded.object().equals(last) ? last : decoded.object();
        String resourceVersion = Fields.text(meta, "resourceVersion");
        long generation = Fields.number(meta, "generation");
        String specVersion = old.filter(before -> before.generation() == generation && before.uid().equals(Fields.text(meta, "uid")))
                .map(Held::specVersion).orElse(resourceVersion);
        highest.accumulateAndGet(Programmed.number(resourceVersion), Math::max);
        return new Held(resourceVersion, Fields.text(meta, "uid"), generation, specVersion, version,
                kept, decoded.problems(), parents);
    }

    /** Objects of a list carry neither kind nor apiVersion. Bulky annotations that change often and say nothing to a mesh stay out. */
    private static Map<String, Object> typed(Resource resource, String version, Map<String, Object> object) {
        Map<String, Object> typed = new LinkedHashMap<>(object);
        typed.put("apiVersion", resource.group().isEmpty() ? version : resource.group() + "/" + version);
        typed.put("kind", resource.kind());
        typed.remove("status");
        Map<String, Object> meta = new LinkedHashMap<>(Fields.map(object, "metadata"));
        meta.remove("managedFields");
        Map<String, Object> annotations = new LinkedHashMap<>(Fields.map(meta, "annotations"));
        annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
        annotations.remove("endpoints.kubernetes.io/last-change-trigger-time");
        meta.put("annotations", annotations);
        typed.put("metadata", meta);
        return typed;
    }

    private synchronized Map<ObjectKey, Held> copy(String kind) {
        return new HashMap<>(kinds.getOrDefault(kind, Map.of()));
    }

    private static List<MeshObject> join(List<MeshObject> one, List<MeshObject> other) {
        List<MeshObject> joined = new ArrayList<>(one);
        joined.addAll(other);
        return joined;
    }
}
