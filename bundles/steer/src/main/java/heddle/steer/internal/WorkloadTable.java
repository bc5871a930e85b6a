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
import java.util.Set;

/** {@code mesh_wls}: which workload a cgroup is. Makes the cgroups of workloads that name none; those of others (a systemd unit) are
 *  found again, under a new id, when they come back. Callers hold the steering's lock. */
final class WorkloadTable {
    private final BpfMap map;
    private final Cgroups cgroups;
    private final Problems problems;
    private final Map<Long, byte[]> installed = new HashMap<>();
    private final Set<Path> made = new HashSet<>();
    private List<Member> members = List.of();

    WorkloadTable(BpfObject object, Cgroups cgroups, Problems problems) {
        this.map = object.map("mesh_wls");
        this.cgroups = cgroups;
        this.problems = problems;
        for (byte[] key : map.keys()) installed.put(java.nio.ByteBuffer.wrap(key).order(java.nio.ByteOrder.nativeOrder()).getLong(), new byte[0]);
    }

    void apply(List<Member> next) {
        members = next;
        problems.solvedAll("workload:");
        refresh();
    }

    /** Looks at every cgroup again; cheap when nothing changed. */
    void refresh() {
        Map<Long, byte[]> wanted = new HashMap<>();
        Set<Path> used = new HashSet<>();
        for (Member member : members) {
            Path cgroup = cgroup(member);
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
                wanted.put(Cgroups.id(cgroup), value(member));
            } catch (NoSuchFileException notYet) {
                continue;   // a unit that does not run now
            } catch (IOException failed) {
                problems.report("workload:" + member.id(), "workload " + member.namespace() + "/" + member.name() + ": " + failed);
            }
        }
        for (Map.Entry<Long, byte[]> entry : wanted.entrySet()) {
            byte[] old = installed.put(entry.getKey(), entry.getValue());
            if (old == null || !Arrays.equals(old, entry.getValue())) map.put(Namespaces.key(entry.getKey()), entry.getValue());
        }
        for (Long id : List.copyOf(installed.keySet())) {
            if (wanted.containsKey(id)) continue;
            installed.remove(id);
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

    Path cgroup(Member member) {
        return member.cgroup().map(cgroups::resolve).orElseGet(() -> cgroups.workload(member.namespace(), member.name()));
    }

    private static byte[] value(Member member) {
        Struct.Value value = Abi.WL.value().set("id", member.id()).set("cls", member.clientClass());
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

    /** The cgroups to attach to: our own subtree, and those that workloads name elsewhere; never one below another. */
    Set<Path> attachPoints() {
        List<Path> candidates = new ArrayList<>(List.of(cgroups.workloads()));
        for (Member member : members) {
            Path cgroup = cgroup(member);
            if (Files.isDirectory(cgroup) && !cgroups.daemon().startsWith(cgroup) && !cgroup.startsWith(cgroups.daemon())) candidates.add(cgroup);
        }
        candidates.sort(Comparator.comparingInt(Path::getNameCount));
        Set<Path> points = new LinkedHashSet<>();
        for (Path candidate : candidates) if (points.stream().noneMatch(candidate::startsWith)) points.add(candidate);
        return points;
    }
}
