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
    private static final long SETTLE_MILLIS = 5;
    private static final int SETTLE_TRIES = 200;

    private final SteerConfig config;
    private final Kernel kernel;
    private final Problems problems = new Problems();
    private final Heartbeat heartbeat;
    private final int cpus;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Running running;
    private SteeringPlan plan = new SteeringPlan(0, List.of(), List.of());
    private volatile Optional<StatMetrics> metrics = Optional.empty();

    /** What exists between start and close. */
    private final class Running {
        final PlaceObserver observer;
        final Namespaces namespaces;
        final ScheduledExecutorService sweeper =
                Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("heddle-steer-sweep").factory());
        /** Its own, so that a new pod does not wait for a look at all the others. */
        final ScheduledExecutorService settler =
                Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("heddle-steer-settle").factory());
        final Set<Member> settling = new HashSet<>();
        final Residents residents;
        final CgroupWatch watch;
        final Path cameFrom;
        /** Empty before the first plan and after a successor has taken over. */
        Optional<Hold> hold = Optional.empty();
        boolean superseded;
        /** The kernel may lack something of the plan: the next sweep puts it all once more. */
        boolean behind;

        Running(PlaceObserver observer) throws IOException {
            this.observer = observer;
            Cgroups cgroups = kernel.cgroups;
            Files.createDirectories(cgroups.daemon());
            Files.createDirectories(cgroups.workloads());
            cameFrom = cgroups.own();
            Cgroups.enter(cgroups.daemon());    // before any listener: hooks follow the cgroup that a socket was made in
            namespaces = new Namespaces(new NamespaceThread(), kernel.object, problems, config.listenerPort());
            residents = new Residents(namespaces, cgroups, observer);
            watch = new CgroupWatch(EbpfSteering.this::cgroupChanged);
            sweeper.scheduleWithFixedDelay(EbpfSteering.this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
        }

        /** From now on the kernel is ours: before the first plan it works for the daemon before us, alive or killed. */
        Hold take() {
            try {
                boolean shared = heartbeat.otherLives();    // and may be in the middle of a plan
                Hold taken = new Hold(kernel, heartbeat, problems,
                        (pid, workload) -> settler.execute(() -> unlistened(pid, workload)));
                namespaces.numbered(number -> taken.workloads().planned(number));
                namespaces.reassert();
                hold = Optional.of(taken);
                superseded = false;
                behind = shared;
                problems.solved("owner");
                return taken;
            } catch (IOException failed) {
                throw new java.io.UncheckedIOException("cannot take over the kernel's side: " + failed, failed);
            }
        }

        /** Another daemon has the kernel now; what is connected here is served until we are told to stop. */
        void giveUp(Hold lost) {
            lost.close();
            hold = Optional.empty();
            superseded = true;
            problems.report("owner", "process " + Owner.pid(heartbeat.owner()) + " has taken over; this daemon serves what is connected to it until it is stopped");
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
        EbpfSteering opened = new EbpfSteering(config, Kernel.open(config, elf));
        if (!config.takeOver() && opened.heartbeat.otherProcessLives()) {
            long pid = Owner.pid(opened.heartbeat.owner());
            opened.close();
            throw new Refusal(pid, config.pinDirectory());
        }
        return opened;
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

    /** The first plan takes the kernel over from the daemon before us, which goes on if that fails.
     *  @throws IllegalStateException when it failed */
    @Override public void apply(SteeringPlan next) {
        boolean[] without = new boolean[1];
        locked(now -> {
            plan = next;
            without[0] = now.hold.isEmpty() && !now.superseded;
            if (now.hold.isPresent() && !heartbeat.mine()) now.giveUp(now.hold.get());
            if (now.superseded) return;
            Hold hold = without[0] ? now.take() : now.hold.get();
            put(now, hold, without[0]);
            if (without[0]) dropLeftovers(now);
            without[0] = false;
        });
        if (without[0]) throw new IllegalStateException(String.join("; ", problems.sentences()));
    }

    /** @param all also the pods' namespaces are opened before the plan is in force */
    private void put(Running now, Hold hold, boolean all) {
        hold.put(plan, () -> {
            now.residents.home();
            if (all) now.residents.sweep(plan.workloads(), true);
            hold.workloads().parents().forEach(now.watch::watch);
            now.residents.unsettled(plan.workloads()).forEach(member -> settle(now, member));
        });
    }

    private void dropLeftovers(Running now) {
        now.namespaces.dropStrangers();
        for (Path version : kernel.pins.otherVersions()) {
            try {
                Pins.remove(version);
            } catch (IOException failed) {
                problems.report("pins", "pins of an older version stay in " + version + ": " + failed + "; run `heddle clean`");
            }
        }
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
                now.behind = true;
                problems.report("apply", "steering is not up to date: " + failed.getMessage());
                LOG.log(System.Logger.Level.DEBUG, "steering failed", failed);
            }
            announcements = now.namespaces.announcements();
        } finally {
            lock.unlock();
        }
        announcements.forEach(Runnable::run);
    }

    /** On the settling thread, again and again for a moment while the namespace of a pod's first process is being made. */
    private void settle(Member member, int tries) {
        locked(now -> {
            boolean wanted = now.hold.isPresent() && plan.workloads().contains(member) && now.hold.get().workloads().appeared(member);
            if (wanted) now.watch.watch(kernel.cgroups.of(member));
            if (!wanted || now.residents.settle(member) || tries == SETTLE_TRIES) {
                now.settling.remove(member);
                return;
            }
            now.settler.schedule(() -> settle(member, tries + 1), SETTLE_MILLIS, TimeUnit.MILLISECONDS);
        });
    }

    private void settle(Running now, Member member) {
        if (now.settling.add(member)) now.settler.execute(() -> settle(member, 0));
    }

    private void cgroupChanged(Path path) {
        locked(now -> now.hold.flatMap(hold -> hold.workloads().at(path)).ifPresent(member -> settle(now, member)));
    }

    private void sweep() {
        locked(now -> {
            if (now.hold.isPresent() && !heartbeat.mine()) now.giveUp(now.hold.get());
            if (now.hold.isEmpty()) {
                if (now.superseded && !heartbeat.otherLives()) resume(now);
                else now.residents.sweep(plan.workloads(), false);
                return;
            }
            Hold hold = now.hold.get();
            if (now.behind) {
                hold.inheritAgain();
                put(now, hold, true);
                now.behind = false;
                problems.solved("apply");
            }
            hold.workloads().refresh();
            hold.attach();
            hold.workloads().parents().forEach(now.watch::watch);
            now.residents.sweep(plan.workloads(), true);
            metrics.ifPresent(sink -> sink.update(kernelCounters()));
        });
    }

    /** The successor has ended and left the kernel as it was; nobody else is there. */
    private void resume(Running now) {
        LOG.log(System.Logger.Level.WARNING, "the daemon that had taken over has ended: this one steers again");
        put(now, now.take(), true);
        now.namespaces.dropStrangers();
    }

    /** A connect came from a namespace without a listener.
     *  @param workload the kernel's number of whose it was */
    private void unlistened(long pid, int workload) {
        locked(now -> now.hold.ifPresent(hold -> {
            int number = hold.workloads().planned(workload);
            plan.workloads().stream().filter(member -> member.id() == number).findFirst().ifPresent(member -> now.residents.unlistened(pid, member));
        }));
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
        boolean last;
        lock.lock();
        try {
            now = running;
            if (now == null) return;
            running = null;
            boolean mine = now.hold.isPresent() && heartbeat.mine();
            last = mine || !heartbeat.otherLives();
            if (mine) heartbeat.stop();
            now.namespaces.closeAll(now.observer, mine);
            announcements = now.namespaces.announcements();
            try {
                if (mine && !config.keepOnStop()) now.hold.get().detach();
            } catch (IOException failed) {
                LOG.log(System.Logger.Level.WARNING, "links stay: " + failed + "; run `heddle clean`");
            }
        } finally {
            lock.unlock();
        }
        announcements.forEach(Runnable::run);
        now.watch.close();
        now.settler.close();
        now.sweeper.close();
        now.hold.ifPresent(Hold::close);
        if (last && !config.keepOnStop()) remove(now);
    }

    private void remove(Running now) {
        try {
            Pins.remove(kernel.pins.version());
            if (!kernel.pins.otherVersions().isEmpty()) return;     // a successor with other maps is at work
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
