package heddle.steer.internal;

import heddle.api.source.Registration;
import heddle.api.steer.PlaceObserver;
import heddle.api.steer.Steering;
import heddle.api.steer.SteeringPlan;
import heddle.api.steer.SteeringPlan.Member;
import heddle.api.steer.SteeringStatus;
import heddle.api.telemetry.MetricsSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Steering by eBPF: hooks on the workloads' cgroups bring connects to listeners of ours in the client's own network namespace.
 *  Plans come from one thread; events and the sweep have their own; the lock orders them, and observers are told without it. */
public final class EbpfSteering implements Steering, AutoCloseable {
    private static final System.Logger LOG = System.getLogger("heddle.steer");
    private static final long SWEEP_MILLIS = 1000;

    private final SteerConfig config;
    private final Kernel kernel;
    private final Problems problems = new Problems();
    private final Heartbeat heartbeat;
    private final int cpus;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Running running;
    private SteeringPlan plan = new SteeringPlan(0, List.of(), List.of());
    private boolean applied;
    private volatile Optional<StatMetrics> metrics = Optional.empty();

    /** What exists between start and close. */
    private final class Running {
        final PlaceObserver observer;
        final NamespaceThread thread;
        final Namespaces namespaces;
        final Attachments attachments;
        final ServiceTable services;
        final WorkloadTable workloads;
        final ScheduledExecutorService sweeper =
                Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("heddle-steer-sweep").factory());
        final EventReader events;
        final Path cameFrom;

        Running(PlaceObserver observer) throws IOException {
            this.observer = observer;
            Cgroups cgroups = kernel.cgroups;
            Files.createDirectories(cgroups.daemon());
            Files.createDirectories(cgroups.workloads());
            cameFrom = cgroups.own();
            Cgroups.enter(cgroups.daemon());    // before any listener: hooks follow the cgroup that a socket was made in
            kernel.object.pinMaps(kernel.pins);
            thread = new NamespaceThread();
            namespaces = new Namespaces(thread, kernel.object, problems, config.listenerPort());
            services = new ServiceTable(kernel.object, problems);
            workloads = new WorkloadTable(kernel.object, cgroups, problems);
            attachments = new Attachments(kernel.object, kernel.pins);
            attachments.attachDaemon(cgroups.daemon());
            heartbeat.take();
            attachments.attachWorkloads(cgroups.workloads());
            events = new EventReader(kernel.object.map("mesh_events"), pid -> sweeper.execute(() -> unlistened(pid)));
            sweeper.scheduleWithFixedDelay(EbpfSteering.this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private EbpfSteering(SteerConfig config, Kernel kernel) {
        this.config = config;
        this.kernel = kernel;
        this.heartbeat = new Heartbeat(kernel.object.map("mesh_cfg"), config.staleAfter().toNanos());
        this.cpus = possibleCpus();
    }

    /** Probes and loads; attaches nothing yet. */
    public static EbpfSteering open(SteerConfig config) throws Refusal {
        try {
            return open(config, BpfObject.bundled());
        } catch (IOException absent) {
            throw new Refusal("read mesh.bpf.o", absent);
        }
    }

    /** The same with another object, for tests. */
    public static EbpfSteering open(SteerConfig config, byte[] elf) throws Refusal {
        return new EbpfSteering(config, Kernel.open(config, elf));
    }

    @Override public String id() {
        return "ebpf";
    }

    @Override public Registration start(PlaceObserver observer) {
        List<Runnable> announcements;
        lock.lock();
        try {
            if (running != null) throw new IllegalStateException("steering is started already");
            running = new Running(observer);
            announcements = running.namespaces.announcements();
        } catch (IOException failed) {
            throw new IllegalStateException("steering cannot start: " + failed, failed);
        } finally {
            lock.unlock();
        }
        announcements.forEach(Runnable::run);
        LOG.log(System.Logger.Level.INFO, "steering by eBPF started, workloads in {0}, pins in {1}", kernel.cgroups.workloads(), kernel.pins.base());
        return this::stop;
    }

    @Override public void apply(SteeringPlan next) {
        locked(now -> {
            plan = next;
            boolean first = !applied;
            applied = true;
            now.workloads.apply(next.workloads());
            attach(now);
            now.namespaces.ensure(Path.of("/proc/self/ns/net"), now.observer);     // programs of this machine's own namespace
            findNamespaces(now);
            now.services.apply(next.frontends());
            if (first) {
                now.namespaces.dropStrangers();
                for (Path version : kernel.pins.otherVersions()) {
                    try {
                        Pins.remove(version);
                    } catch (IOException failed) {
                        problems.report("pins", "pins of an older version stay in " + version + ": " + failed + "; run `heddle clean`");
                    }
                }
            }
        });
    }

    private interface Work {
        void run(Running now);
    }

    private void locked(Work work) {
        List<Runnable> announcements;
        lock.lock();
        try {
            Running now = running;
            if (now == null) return;
            try {
                work.run(now);
            } catch (RuntimeException failed) {
                problems.report("apply", "steering is not up to date: " + failed.getMessage());
                LOG.log(System.Logger.Level.DEBUG, "steering failed", failed);
            }
            announcements = now.namespaces.announcements();
        } finally {
            lock.unlock();
        }
        announcements.forEach(Runnable::run);
    }

    private void attach(Running now) {
        Set<Long> wanted = new HashSet<>();
        problems.solvedAll("attach:");
        try {
            wanted.add(Cgroups.id(kernel.cgroups.daemon()));
            for (Path point : now.workloads.attachPoints()) {
                try {
                    now.attachments.attachWorkloads(point);
                    wanted.add(Cgroups.id(point));
                } catch (IOException | NativeException failed) {
                    problems.report("attach:" + point, "cannot attach to " + point + ": " + failed.getMessage());
                }
            }
            now.attachments.retain(wanted);
        } catch (IOException failed) {
            problems.report("attach:", "cannot attach: " + failed);
        }
    }

    /** Opens what is new; returns every namespace that some workload is in. */
    private Set<Long> findNamespaces(Running now) {
        Set<Long> inUse = new HashSet<>();
        Map<Integer, Long> registered = new HashMap<>();
        for (Member member : now.workloads.members()) {
            if (member.networkNamespace().isPresent()) {
                Optional<Long> inode = now.namespaces.ensure(member.networkNamespace().get(), now.observer);
                inode.ifPresent(found -> {
                    inUse.add(found);
                    registered.put(member.id(), found);
                });
            }
            for (long pid : Cgroups.processes(now.workloads.cgroup(member))) {
                now.namespaces.ensure(Path.of("/proc/" + pid + "/ns/net"), now.observer).ifPresent(inUse::add);
            }
        }
        now.namespaces.register(registered);
        return inUse;
    }

    private void sweep() {
        locked(now -> {
            now.workloads.refresh();
            attach(now);
            now.namespaces.retain(findNamespaces(now), now.observer);
            metrics.ifPresent(sink -> sink.update(kernelCounters()));
        });
    }

    /** A connect came from a namespace without a listener; opens one if the process belongs to a workload. */
    private void unlistened(long pid) {
        locked(now -> {
            for (Member member : now.workloads.members()) {
                if (Cgroups.processes(now.workloads.cgroup(member)).contains(pid)) {
                    now.namespaces.ensure(Path.of("/proc/" + pid + "/ns/net"), now.observer);
                    return;
                }
            }
            findNamespaces(now);    // the process may be gone, its siblings not
        });
    }

    @Override public void heartbeat() {
        heartbeat.beat();
    }

    private Map<String, Long> kernelCounters() {
        Map<String, Long> counters = new LinkedHashMap<>();
        BpfMap stats = kernel.object.map("mesh_stats");
        for (Stat stat : Stat.values()) {
            counters.put(stat.label(), stats.sum(ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(stat.ordinal()).array(), cpus));
        }
        return counters;
    }

    /** Where the kernel's counters go from the next sweep on; none when empty. */
    void metrics(Optional<MetricsSink> sink) {
        metrics = sink.map(StatMetrics::new);
    }

    @Override public SteeringStatus status() {
        Map<String, Long> counters = kernelCounters();
        lock.lock();
        try {
            Running now = running;
            if (now == null) return new SteeringStatus(id(), 0, 0, 0, problems.sentences(), counters);
            counters.put("foreign_workload", now.namespaces.foreignWorkloads());
            return new SteeringStatus(id(), now.namespaces.places(), plan.frontends().size(), plan.workloads().size(), problems.sentences(), counters);
        } finally {
            lock.unlock();
        }
    }

    /** What the kernel's maps hold now, for tests and for status. */
    public int entries(String map) {
        return kernel.object.map(map).keys().size();
    }

    /** Instructions that the verifier walked for each program; 0 before Linux 5.16. */
    public Map<String, Integer> verifiedInstructions() {
        Map<String, Integer> walked = new LinkedHashMap<>();
        for (Program program : Program.values()) walked.put(program.symbol, kernel.object.verifiedInstructions(program));
        return walked;
    }

    /** The programs by the ids that {@code bpftool prog list} shows. */
    public List<Integer> programIds() {
        return java.util.Arrays.stream(Program.values()).map(kernel.object::id).toList();
    }

    private void stop() {
        Running now;
        List<Runnable> announcements;
        boolean mine;
        lock.lock();
        try {
            now = running;
            if (now == null) return;
            running = null;
            mine = heartbeat.mine();
            heartbeat.stop();
            now.namespaces.closeAll(now.observer, mine);
            announcements = now.namespaces.announcements();
            try {
                if (mine && !config.keepOnStop()) now.attachments.retain(Set.of());
            } catch (IOException failed) {
                LOG.log(System.Logger.Level.WARNING, "links stay: " + failed + "; run `heddle clean`");
            }
            now.attachments.release();
        } finally {
            lock.unlock();
        }
        announcements.forEach(Runnable::run);
        now.sweeper.close();
        now.events.close();
        now.thread.close();
        if (mine && !config.keepOnStop()) remove(now);
    }

    private void remove(Running now) {
        try {
            kernel.pins.removeAll();
            Cgroups.enter(Files.isDirectory(now.cameFrom) ? now.cameFrom : kernel.cgroups.mount());
            Cgroups.removeEmpty(kernel.cgroups.base());
        } catch (IOException | RuntimeException failed) {
            LOG.log(System.Logger.Level.WARNING, "not all was removed: " + failed + "; run `heddle clean`");
        }
    }

    /** Stops if need be, then gives the programs back. */
    @Override public void close() {
        stop();
        kernel.close();
    }

    private static int possibleCpus() {
        try (var call = java.lang.foreign.Arena.ofConfined()) {
            return Math.max(1, Libbpf.possibleCpus(Errno.allocate(call)));
        }
    }
}
