package heddle.steer.internal;

import heddle.api.steer.SteeringPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** What this daemon does in the kernel while the maps and links are its own: between the first plan, or the end of a successor, and the
 *  next daemon's taking over. Begins with what its predecessor left, so that no connect finds less than before. Callers hold the
 *  steering's lock. */
final class Hold implements AutoCloseable {
    private final Kernel kernel;
    private final Problems problems;
    private final int classBase;
    private final Attachments attachments;
    private final EventReader events;
    private ServiceTable services;
    private volatile WorkloadTable workloads;      // asked by event loops too

    /** Takes maps and links; from here on the one who had them keeps away.
     *  @param unlistened hears of a process whose network namespace has no listener */
    Hold(Kernel kernel, Heartbeat heartbeat, Problems problems, EventReader.Unlistened unlistened) throws IOException {
        this.kernel = kernel;
        this.problems = problems;
        kernel.object.pinMaps(kernel.pins);
        attachments = new Attachments(kernel.object, kernel.pins);
        try {
            attachments.attachDaemon(kernel.cgroups.daemon());
            attachments.attachWorkloads(kernel.cgroups.workloads());
            events = new EventReader(kernel.object.map("mesh_events"), unlistened);
        } catch (IOException | RuntimeException failed) {
            attachments.release();      // the maps are still the other's, who goes on
            throw failed;
        }
        heartbeat.take();
        heartbeat.beat();
        classBase = lastClass();
        services = new ServiceTable(kernel.object, problems, classBase);
        workloads = new WorkloadTable(kernel.object, kernel.cgroups, problems, classBase);
    }

    /** A predecessor's client classes keep their meaning until the last workload has left them: ours begin above. */
    private int lastClass() {
        int last = 0;
        BpfMap frontends = kernel.object.map("mesh_svcs");
        for (byte[] key : frontends.keys()) last = Math.max(last, (int) Abi.SVC_KEY.read(key).get("cls"));
        BpfMap members = kernel.object.map("mesh_wls");
        for (byte[] key : members.keys()) last = Math.max(last, members.get(key).map(value -> (int) Abi.WL.read(value).get("cls")).orElse(0));
        return last < 1 << 30 ? last : 0;
    }

    /** Reads the maps once more: a predecessor that was in the middle of a plan may have written after we had looked. */
    void inheritAgain() {
        services = new ServiceTable(kernel.object, problems, classBase);
        workloads = new WorkloadTable(kernel.object, kernel.cgroups, problems, classBase).numbering(workloads);
    }

    WorkloadTable workloads() {
        return workloads;
    }

    /** New frontends come before the workloads that need them, old ones go last: no client sees a plan with a part missing.
     *  @param openNamespaces opens what the plan's workloads live in */
    void put(SteeringPlan plan, Runnable openNamespaces) {
        services.put(plan.frontends());
        workloads.apply(plan.workloads());
        attach();
        openNamespaces.run();
        services.dropReplaced();
    }

    void attach() {
        Set<Long> wanted = new HashSet<>();
        problems.solvedAll("attach:");
        try {
            wanted.add(Cgroups.id(kernel.cgroups.daemon()));
            for (Path point : workloads.attachPoints()) {
                try {
                    attachments.attachWorkloads(point);
                    wanted.add(Cgroups.id(point));
                } catch (IOException | NativeException failed) {
                    problems.report("attach:" + point, "cannot attach to " + point + ": " + failed.getMessage());
                }
            }
            attachments.retain(wanted);
        } catch (IOException failed) {
            problems.report("attach:", "cannot attach: " + failed);
        }
    }

    void detach() throws IOException {
        attachments.retain(Set.of());
    }

    /** Lets go of the descriptors; what is pinned stays. */
    @Override public void close() {
        events.close();
        attachments.release();
    }
}
