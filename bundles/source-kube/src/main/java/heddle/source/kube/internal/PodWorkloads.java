package heddle.source.kube.internal;

import heddle.api.model.Workload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** This node's pods as Workloads: those that are in the mesh, run, and have a cgroup. One lock; calls come from the Pod watch, the
 *  Namespace watch and the cgroup watcher.
 *
 *  <p>In the mesh or not: the pod's label {@code heddle.io/mesh} ({@code enabled} or {@code disabled}), else its namespace's, else the
 *  setting {@code kube.meshDefault}. */
final class PodWorkloads {
    static final String LABEL = "heddle.io/mesh";
    /** Where some runtimes, and the conformance lab, bind a pod's network namespace by its UID. */
    private static final Path NAMESPACES = Path.of("/run/netns");

    private final Optional<PodCgroups> cgroups;
    private final boolean byDefault;
    private final Map<String, Pod> pods = new HashMap<>();
    private final Map<String, Map<String, String>> namespaceLabels = new HashMap<>();
    private Map<String, Workload> workloads = Map.of();

    /** @param cgroups absent where the machine has no cgroup2: workloads are then known by address alone */
    PodWorkloads(Optional<PodCgroups> cgroups, boolean byDefault) {
        this.cgroups = cgroups;
        this.byDefault = byDefault;
    }

    synchronized void put(Pod pod) {
        pods.put(pod.metadata().uid(), pod);
    }

    synchronized void remove(String uid) {
        pods.remove(uid);
    }

    synchronized void replaceAll(Collection<Pod> all) {
        pods.clear();
        all.forEach(this::put);
    }

    synchronized void namespace(String name, Optional<Map<String, String>> labels) {
        labels.ifPresentOrElse(some -> namespaceLabels.put(name, some), () -> namespaceLabels.remove(name));
    }

    /** Looks at pods and cgroups again.
     *  @return true when a Workload came, went or changed */
    synchronized boolean refresh() {
        Map<String, Workload> now = new HashMap<>();
        for (Pod pod : pods.values()) {
            if (!pod.finished() && inMesh(pod)) {
                workload(pod).ifPresent(workload -> {
                    Workload before = workloads.get(pod.metadata().uid());
                    now.put(pod.metadata().uid(), workload.equals(before) ? before : workload);
                });
            }
        }
        if (now.equals(workloads)) {
            return false;
        }
        workloads = now;
        return true;
    }

    /** As of the last {@link #refresh}. */
    synchronized List<Workload> workloads() {
        return new ArrayList<>(workloads.values());
    }

    synchronized int pods() {
        return pods.size();
    }

    private boolean inMesh(Pod pod) {
        Optional<String> label = pod.label(LABEL)
                .or(() -> Optional.ofNullable(namespaceLabels.getOrDefault(pod.metadata().key().namespace(), Map.of()).get(LABEL)));
        return label.map(value -> value.equals("enabled")).orElse(byDefault);
    }

    private Optional<Workload> workload(Pod pod) {
        Optional<Path> cgroup = cgroups.flatMap(each -> each.find(pod));
        if (cgroup.isEmpty() && cgroups.isPresent()) {
            return Optional.empty();
        }
        Path namespace = NAMESPACES.resolve("pod-" + pod.metadata().uid());
        Optional<Path> known = pod.hostNetwork() || !Files.exists(namespace) ? Optional.empty() : Optional.of(namespace);
        // A pod of the host's network has the node's addresses, which say nothing about who is calling.
        return Optional.of(new Workload(pod.metadata(), pod.serviceAccount(), cgroup, known, pod.metadata().labels(),
                pod.hostNetwork() ? List.of() : pod.addresses(), pod.ports(), pod.ready(), ""));
    }
}
