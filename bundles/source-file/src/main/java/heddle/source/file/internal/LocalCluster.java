package heddle.source.file.internal;

import heddle.api.model.EndpointSlice;
import heddle.api.model.MeshObject;
import heddle.api.model.Metadata;
import heddle.api.model.NamespaceObject;
import heddle.api.model.ObjectKey;
import heddle.api.model.Service;
import heddle.api.model.Workload;
import heddle.api.source.SourceProblem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The small API server: completes what files hold with what a cluster would add. Service addresses, EndpointSlices of Workloads, implied
 *  Namespaces; nothing else is stamped. One thread; objects that did not change stay the same instances from state to state. */
final class LocalCluster {
    private static final String NAMESPACE_LABEL = "kubernetes.io/metadata.name";

    private final ClusterAddresses addresses;
    private final WorkloadSlices slices = new WorkloadSlices();
    private final Map<NamespaceObject, NamespaceObject> labelled = new HashMap<>();
    private final Map<String, NamespaceObject> implied = new HashMap<>();
    private long revision;

    LocalCluster(ClusterAddresses addresses) {
        this.addresses = addresses;
    }

    FileState state(ManifestSet.Contents contents) {
        List<SourceProblem> problems = new ArrayList<>(contents.problems());
        List<SourceProblem> notes = new ArrayList<>(contents.notes());
        Map<ObjectKey, MeshObject> objects = new LinkedHashMap<>(contents.objects());
        ClusterAddresses.Given given = addresses.give(of(Service.class, objects.values()), contents.details());
        problems.addAll(given.problems());
        objects.entrySet().removeIf(entry -> entry.getValue() instanceof Service && !given.services().containsKey(entry.getKey()));
        objects.replaceAll((key, object) -> object instanceof Service ? given.services().get(key) : object);
        WorkloadSlices.Built built = slices.build(of(Service.class, objects.values()), contents.details(), of(Workload.class, objects.values()),
                of(EndpointSlice.class, objects.values()));
        notes.addAll(built.notes());
        built.slices().forEach(slice -> objects.put(slice.key(), slice));
        namespaces(objects);
        return new FileState(++revision, objects.values(), problems, notes);
    }

    private void namespaces(Map<ObjectKey, MeshObject> objects) {
        List<String> named = objects.values().stream().map(MeshObject::namespace).filter(name -> !name.isEmpty()).distinct().toList();
        Map<NamespaceObject, NamespaceObject> stillLabelled = new HashMap<>();
        objects.replaceAll((key, object) -> {
            if (!(object instanceof NamespaceObject namespace)) {
                return object;
            }
            NamespaceObject with = labelled.getOrDefault(namespace, labelled(namespace));
            stillLabelled.put(namespace, with);
            return with;
        });
        labelled.clear();
        labelled.putAll(stillLabelled);
        for (String name : named) {
            ObjectKey key = new ObjectKey("Namespace", "", name);
            if (!objects.containsKey(key)) {
                objects.put(key, implied.computeIfAbsent(name, each -> labelled(new NamespaceObject(
                        new Metadata(key, Map.of(), Map.of(), Optional.empty(), 0, "", "implied by its objects")))));
            }
        }
    }

    /** The label that every API server sets. */
    private static NamespaceObject labelled(NamespaceObject namespace) {
        Metadata metadata = namespace.metadata();
        Map<String, String> labels = new HashMap<>(metadata.labels());
        labels.put(NAMESPACE_LABEL, namespace.name());
        return new NamespaceObject(new Metadata(metadata.key(), labels, metadata.annotations(), metadata.created(), metadata.generation(), metadata.uid(),
                metadata.origin()));
    }

    private static <T extends MeshObject> List<T> of(Class<T> kind, Collection<MeshObject> objects) {
        return objects.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
