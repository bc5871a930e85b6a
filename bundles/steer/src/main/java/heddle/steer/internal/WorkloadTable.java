package heddle.steer.internal;

import heddle.api.steer.SteeringPlan.Member;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code mesh_wls}: which workload a cgroup is. Makes the cgroups of workloads that name none; those of others (a pod, a systemd unit) are
 *  found again, under a new id, when they come back. Callers hold the steering's lock. */
final class WorkloadTable {
    private final BpfMap map;
    private final Cgroups cgroups;
    private final Problems problems;
    private final int classBase;
    private final Map<Long, byte[]> installed = new HashMap<>();
    private final Map<Long, Number> numbers = new HashMap<>();
    private final Set<Path> made = new HashSet<>();
    private List<Member> members = List.of();
    private Map<Path, Member> elsewhere = Map.of();
    private volatile Map<Integer, Integer> ids = Map.of();

    /** @param kernel the number in the map: a cgroup keeps the one that a predecessor gave it, since connections on their way carry it
     *  @param plan   the workload's number in our plans; 0 = none yet */
    private record Number(int kernel, int plan) {}

    /** @param classBase added to the plan's numbers of client classes, 0 excepted */
    WorkloadTable(BpfObject object, Cgroups cgroups, Problems problems, int classBase) {
        this.map = object.map("mesh_wls");
        this.cgroups = cgroups;
        this.problems = problems;
        this.classBase = classBase;
        for (byte[] key : map.keys()) {
            long cgroup = java.nio.ByteBuffer.wrap(key).order(java.nio.ByteOrder.nativeOrder()).getLong();
            installed.put(cgroup, new byte[0]);
            map.get(key).ifPresent(value -> numbers.put(cgroup, new Number((int) Abi.WL.read(value).get("id"), 0)));
        }
    }

    /** Tells the same numbers as another one until the first plan. */
    WorkloadTable numbering(WorkloadTable before) {
        ids = before.ids;
        return this;
    }

    void apply(List<Member> next) {
        members = next;
        elsewhere = new HashMap<>();
        for (Member member : next) if (member.cgroup().isPresent()) elsewhere.put(cgroups.of(member), member);
        problems.solvedAll("workload:");
        refresh();
    }

    /** Looks at every cgroup again; cheap when nothing changed. */
    void refresh() {
        Map<Long, Member> wanted = new HashMap<>();
        Set<Path> used = new HashSet<>();
        for (Member member : members) {
            Path cgroup = cgroups.of(member);
            try {
                if (cgroup.startsWith(cgroups.daemon()) || cgroups.daemon().startsWith(cgroup)) {
                    problems.report("workload:" + member.id(), "workload " + member.namespace() + "/" + member.name() + ": cgroup " + cgroup
                            + " holds the daemon itself; name the program's own");
                    continue;
                }
                if (member.cgroup().isEmpty()) {
                    Files.createDirectories(cgroup);
                    made.add(cgroup);
                }
                used.add(cgroup);
                wanted.put(Cgroups.id(cgroup), member);
            } catch (NoSuchFileException notYet) {
                continue;   // a unit that does not run now
            } catch (IOException failed) {
                problems.report("workload:" + member.id(), "workload " + member.namespace() + "/" + member.name() + ": " + failed);
            }
        }
        number(wanted);
        for (Map.Entry<Long, Member> entry : wanted.entrySet()) {
            install(entry.getKey(), value(entry.getValue(), numbers.get(entry.getKey()).kernel));
        }
        Set<Long> roots = new HashSet<>();
        for (Path root : sharedRoots()) {
            try {
                roots.add(Cgroups.id(root));
            } catch (IOException gone) {
                continue;   // its workloads are gone with it
            }
        }
        roots.forEach(root -> install(root, Abi.WL.value().set("flags", Abi.WL_OUTSIDE).array()));
        for (Long id : List.copyOf(installed.keySet())) {
            if (wanted.containsKey(id) || roots.contains(id)) continue;
            installed.remove(id);
            numbers.remove(id);
            map.delete(Namespaces.key(id));
        }
        for (Path path : List.copyOf(made)) {
            if (used.contains(path)) continue;
            try {
                Files.deleteIfExists(path);
                Files.deleteIfExists(path.getParent());     // the namespace's, when it was the last one in it
                made.remove(path);
            } catch (IOException inUse) {
                continue;   // still has processes, or siblings
            }
        }
    }

    private void install(long id, byte[] value) {
        byte[] old = installed.put(id, value);
        if (old == null || !Arrays.equals(old, value)) map.put(Namespaces.key(id), value);
    }

    /** The workload whose cgroup this is, or is just above it. */
    Optional<Member> at(Path path) {
        return Optional.ofNullable(elsewhere.get(path)).or(() -> Optional.ofNullable(elsewhere.get(path.getParent())));
    }

    /** Its cgroup may have come: not to wait for the next sweep. Returns whether it is there. */
    boolean appeared(Member member) {
        try {
            if (!installed.containsKey(Cgroups.id(cgroups.of(member)))) refresh();
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Where cgroups of workloads that name theirs come and go. */
    Set<Path> parents() {
        Set<Path> parents = new HashSet<>();
        elsewhere.keySet().forEach(path -> parents.add(path.getParent()));
        return parents;
    }

    private Set<Path> sharedRoots() {
        Set<Path> roots = new HashSet<>();
        elsewhere.keySet().forEach(path -> cgroups.shared(path).ifPresent(roots::add));
        return roots;
    }

    /** Known to {@link #planned} before the kernel tells them. */
    private void number(Map<Long, Member> wanted) {
        Set<Integer> taken = new HashSet<>();
        numbers.values().forEach(number -> taken.add(number.kernel));
        Map<Integer, Integer> next = new HashMap<>();
        wanted.forEach((cgroup, member) -> {
            Number before = numbers.get(cgroup);
            int kernel = before != null && (before.plan == 0 || before.plan == member.id()) ? before.kernel : member.id();
            if (before == null || kernel != before.kernel) while (!taken.add(kernel)) kernel++;
            numbers.put(cgroup, new Number(kernel, member.id()));
            next.put(kernel, member.id());
        });
        ids = Map.copyOf(next);
    }

    /** The plan's number of what the kernel calls this; -1 when no plan of ours has it. Any thread. */
    int planned(int kernelNumber) {
        return ids.getOrDefault(kernelNumber, -1);
    }

    private byte[] value(Member member, int number) {
        Struct.Value value = Abi.WL.value().set("id", number).set("cls", member.clientClass() == 0 ? 0 : classBase + member.clientClass());
        int flags = 0;
        for (InetAddress address : member.addresses()) {
            boolean v4 = Abi.isV4(address);
            int flag = v4 ? Abi.WL_BIND4 : Abi.WL_BIND6;
            if ((flags & flag) != 0 || address.isLoopbackAddress() && !v4) continue;
            value.setBytes(v4 ? "bind4" : "bind6", Abi.address(address));
            flags |= flag;
        }
        return value.set("flags", flags).array();
    }

    List<Member> members() {
        return members;
    }

    /** The cgroups to attach to: our own subtree, the one above all pods, so that a new pod is covered from its first process on, and
     *  those that workloads name elsewhere; never one below another. */
    Set<Path> attachPoints() {
        List<Path> candidates = new ArrayList<>(List.of(cgroups.workloads()));
        for (Path root : sharedRoots()) if (Files.isDirectory(root)) candidates.add(root);
        for (Path cgroup : elsewhere.keySet()) {
            if (cgroups.shared(cgroup).isPresent()) continue;
            if (Files.isDirectory(cgroup) && !cgroups.daemon().startsWith(cgroup) && !cgroup.startsWith(cgroups.daemon())) candidates.add(cgroup);
        }
        candidates.sort(Comparator.comparingInt(Path::getNameCount));
        Set<Path> points = new LinkedHashSet<>();
        for (Path candidate : candidates) if (points.stream().noneMatch(candidate::startsWith)) points.add(candidate);
        return points;
    }
}
