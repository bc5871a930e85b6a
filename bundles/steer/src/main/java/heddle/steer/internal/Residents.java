package heddle.steer.internal;

import heddle.api.steer.PlaceObserver;
import heddle.api.steer.SteeringPlan.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which network namespaces the workloads' processes are in, and listeners in each of them. Callers hold the steering's lock. */
final class Residents {
    /** A pod keeps its namespace, so that its processes are looked at in each n-th sweep only. */
    private static final int THOROUGH = 5;

    private final Namespaces namespaces;
    private final Cgroups cgroups;
    private final PlaceObserver observer;
    /** Of each pod by its workload's id: the namespace that its processes were last found in. */
    private final Map<Integer, Long> settled = new HashMap<>();
    private int turn;

    Residents(Namespaces namespaces, Cgroups cgroups, PlaceObserver observer) {
        this.namespaces = namespaces;
        this.cgroups = cgroups;
        this.observer = observer;
    }

    /** After a plan: opens what is new of workloads that are no pods; returns the pods that no listener is known for. */
    List<Member> unsettled(List<Member> members) {
        List<Member> pods = new ArrayList<>();
        for (Member member : members) {
            if (!pod(member)) find(member, true, true);
            else if (!settled.containsKey(member.id())) pods.add(member);
        }
        register(members);
        return pods;
    }

    /** Opens what is new everywhere; closes the listeners of namespaces that nobody is in any more.
     *  @param ours whether the kernel is ours: else nothing is opened */
    void sweep(List<Member> members, boolean ours) {
        boolean thorough = turn++ % THOROUGH == 0;
        Set<Long> inUse = new HashSet<>();
        Set<Integer> ids = new HashSet<>();
        for (Member member : members) {
            ids.add(member.id());
            Long known = thorough ? null : settled.get(member.id());
            if (known != null && Files.isDirectory(cgroups.of(member))) inUse.add(known);
            else inUse.addAll(find(member, ours, thorough || !pod(member)));
        }
        settled.keySet().retainAll(ids);
        register(members);
        namespaces.retain(inUse, observer, ours);
    }

    /** Listeners wherever the workload is.
     *  @param report whether what does not work is a problem: the loopback of a pod that starts is down for a moment */
    private Set<Long> find(Member member, boolean ours, boolean report) {
        Set<Long> found = new HashSet<>();
        member.networkNamespace().flatMap(path -> open(path, ours, report)).ifPresent(found::add);
        for (long pid : Cgroups.processes(cgroups.of(member))) open(namespaceOf(pid), ours, report).ifPresent(found::add);
        settled.remove(member.id());
        if (found.size() == 1 && pod(member)) settled.put(member.id(), found.iterator().next());
        return found;
    }

    /** The cgroup of a pod has come, or something has happened in it. A container's runtime is in it for a moment before it enters the
     *  pod's network namespace, so this machine's own is no answer here; {@link #sweep} finds the pods of the host's network.
     *  @return false when there is no listener yet: to be tried again */
    boolean settle(Member member) {
        if (settled.containsKey(member.id())) return true;
        for (Path cgroup : Cgroups.below(cgroups.of(member))) {
            for (long pid : Cgroups.processesOf(cgroup)) {
                Optional<Long> found = open(namespaceOf(pid), true, false).filter(inode -> !namespaces.isHome(inode));
                found.ifPresent(inode -> settled.put(member.id(), inode));
                if (found.isPresent()) return true;
            }
        }
        return false;
    }

    /** A connect of a workload's process came from a namespace without a listener. */
    void unlistened(long pid, Member member) {
        if (open(namespaceOf(pid), true, true).isEmpty()) find(member, true, true);   // the process may be gone, its siblings not
    }

    /** Programs of this machine's own namespace. */
    void home() {
        open(Path.of("/proc/self/ns/net"), true, true);
    }

    private boolean pod(Member member) {
        return cgroups.shared(cgroups.of(member)).isPresent();
    }

    private Optional<Long> open(Path namespace, boolean ours, boolean report) {
        return ours ? namespaces.ensure(namespace, observer, report) : namespaces.known(namespace);
    }

    private void register(List<Member> members) {
        Map<Integer, Long> registered = new HashMap<>();
        for (Member member : members) {
            if (member.networkNamespace().isEmpty()) continue;
            try {
                registered.put(member.id(), Namespaces.inode(member.networkNamespace().get()));
            } catch (IOException gone) {
                continue;   // nobody can be in it
            }
        }
        namespaces.register(registered);
    }

    private static Path namespaceOf(long pid) {
        return Path.of("/proc/" + pid + "/ns/net");
    }
}
