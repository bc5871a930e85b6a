package heddle.source.kube.internal;

import heddle.api.model.LabelSelector;
import heddle.api.model.Workload;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** This node's pods as Workloads: those that are in the mesh and have not ended, also before their cgroups are there, so that the steering
 *  can wait for them. One lock; calls come from the Pod watch and the Namespace watch.
 *
 *  <p>In the mesh or not: the pod's label {@code heddle.io/mesh} ({@code enabled} or {@code disabled}), else its namespace's, else the
 *  setting {@code kube.meshDefault}; and only where {@code kube.meshNamespaces} selects the namespace. */
final class PodWorkloads {
    static final String LABEL = "heddle.io/mesh";

    private final Optional<PodCgroups> cgroups;
    private final boolean byDefault;
    private final Optional<LabelSelector> meshNamespaces;
    private final Map<String, Pod> pods = new HashMap<>();
    private final Map<String, Map<String, String>> namespaceLabels = new HashMap<>();
    private final Map<String, Workload> workloads = new HashMap<>();

    /** @param cgroups absent where the machine has no cgroup2: workloads are then known by address alone
     *  @param meshNamespaces selects the namespaces of this mesh; empty = all are */
    PodWorkloads(Optional<PodCgroups> cgroups, boolean byDefault, Optional<LabelSelector> meshNamespaces) {
        this.cgroups = cgroups;
        this.byDefault = byDefault;
        this.meshNamespaces = meshNamespaces;
    }

    /** @return true when a Workload came, went or changed */
    synchronized boolean put(Pod pod) {
        pods.put(pod.metadata().uid(), pod);
        return refresh(pod);
    }

    synchronized boolean remove(String uid) {
        pods.remove(uid);
        return workloads.remove(uid) != null;
    }

    synchronized boolean replaceAll(Collection<Pod> all) {
        pods.clear();
        all.forEach(pod -> pods.put(pod.metadata().uid(), pod));
        return refresh();
    }

    /** @return true when a Workload came, went or changed */
    synchronized boolean namespace(String name, Optional<Map<String, String>> labels) {
        Optional<Map<String, String>> before = Optional.ofNullable(namespaceLabels.get(name));
        labels.ifPresentOrElse(some -> namespaceLabels.put(name, some), () -> namespaceLabels.remove(name));
        return !labels.equals(before) && refresh();
    }

    private boolean refresh() {
        boolean changed = workloads.keySet().retainAll(pods.keySet());
        for (Pod pod : pods.values()) {
            changed |= refresh(pod);
        }
        return changed;
    }

    private boolean refresh(Pod pod) {
        String uid = pod.metadata().uid();
        Optional<Workload> now = pod.finished() || !inMesh(pod) ? Optional.empty() : workload(pod);
        Optional<Workload> before = Optional.ofNullable(workloads.get(uid));
        if (now.equals(before)) {
            return false;
        }
        now.ifPresentOrElse(workload -> workloads.put(uid, workload), () -> workloads.remove(uid));
        return true;
    }

    synchronized List<Workload> workloads() {
        return new ArrayList<>(workloads.values());
    }

    synchronized int pods() {
        return pods.size();
    }

    /** Whether this mesh is concerned with a namespace: with several meshes in a cluster each has its own. */
    synchronized boolean serves(String namespace) {
        return meshNamespaces.isEmpty() || meshNamespaces.get().test(namespaceLabels.getOrDefault(namespace, Map.of()));
    }

    private boolean inMesh(Pod pod) {
        if (!serves(pod.metadata().key().namespace())) {
            return false;
        }
        Optional<String> label = pod.label(LABEL)
                .or(() -> Optional.ofNullable(namespaceLabels.getOrDefault(pod.metadata().key().namespace(), Map.of()).get(LABEL)));
        return label.map(value -> value.equals("enabled")).orElse(byDefault);
    }

    private Optional<Workload> workload(Pod pod) {
        Optional<Path> cgroup = cgroups.flatMap(each -> each.find(pod));
        if (cgroup.isEmpty() && cgroups.isPresent()) {
            return Optional.empty();
        }
        // A pod of the host's network has the node's addresses, which say nothing about who is calling.
        return Optional.of(new Workload(pod.metadata(), pod.serviceAccount(), cgroup, Optional.empty(), pod.metadata().labels(),
                pod.hostNetwork() ? List.of() : pod.addresses(), pod.ports(), pod.ready(), ""));
    }
}
