package heddle.core.internal;

import heddle.api.admin.MeshInspector.Published;
import heddle.api.identity.IdentityProvider;
import heddle.api.plan.FrontendPlan;
import heddle.api.plan.MeshView;
import heddle.api.source.Registration;
import heddle.api.source.RouteSource;
import heddle.api.steer.SteeringPlan;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The one thread that turns changes into snapshots and publishes them by one volatile write; readers never wait (DESIGN.md, hot swap).
 *  The first change after a quiet time is taken at once, those that follow within {@value #JOIN_MILLIS} ms join. */
final class Assembler implements MeshView, AutoCloseable {
    static final long JOIN_MILLIS = 50;
    /** Service property of a source: the id of the one whose objects it completes. */
    private static final String COMPLETES = "completes";
    private static final long POLL_MILLIS = 10;
    private static final long FIRST_STATES = Duration.ofSeconds(10).toNanos();
    private static final Logger LOG = System.getLogger(Assembler.class.getName());

    private final Parts parts;
    private final CoreMetrics metrics;
    private final SnapshotBuilder builder;
    private final RecentRequests recent = new RecentRequests(0);
    private final SteeringPlans steeringPlans = new SteeringPlans();
    private final StatusReports statuses = new StatusReports();
    private final DrainCounts drains = new DrainCounts();
    private final DataPlane plane = new DataPlane(this, drains);
    private final Retirements retirements;
    private final Heartbeat heartbeat = new Heartbeat(plane);
    private final List<Feed> feeds = new CopyOnWriteArrayList<>();
    private final List<Consumer<Published>> listeners = new CopyOnWriteArrayList<>();
    private final Thread thread = new Thread(this::run, "heddle-assembler");

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
    private long firstChange;
    private boolean dirty;
    private boolean stopped;
    private long started;
    private long completed;

    private volatile Settings settings;
    private volatile Build build = Build.EMPTY;
    private volatile Snapshot snapshot = Snapshot.EMPTY;
    private volatile long bornNanos;
    private volatile Set<String> expected = Set.of();
    private volatile boolean patient;
    /** Why the last build failed; "" when it did not. */
    private volatile String failure = "";

    /** Somebody who waits for builds and drains.
     *  @param build the build that must be done first
     *  @param until asked on the assembler thread */
    private record Waiter(long build, BooleanSupplier until, CompletableFuture<Void> done) {}

    private record Feed(Ranked<RouteSource> source, SourceFeed ear, CompletableFuture<Registration> registration) {}

    Assembler(Parts parts, Settings settings) {
        this.parts = parts;
        this.settings = settings;
        this.metrics = new CoreMetrics(parts.sinks);
        // old numbers of a daemon before this one may still be in the kernel for a moment
        this.builder = new SnapshotBuilder(parts, Identities.startingAt((int) (System.currentTimeMillis() / 1000 & 0xfffff) << 10 | 1), recent, this::changed);
        this.retirements = new Retirements(plane, metrics, drains);
    }

    /** What the first snapshot waits for beside the sources that are there already. Before {@link #start}.
     *  @param expected ids of sources that are still to come
     *  @param patient  however long that takes: another daemon may be at work here */
    void waitForSources(Set<String> expected, boolean patient) {
        this.expected = expected;
        this.patient = patient;
    }

    /** Sources that are still to come. */
    List<String> awaited() {
        List<String> there = feeds.stream().map(feed -> feed.source().service().id()).toList();
        return expected.stream().filter(id -> !there.contains(id)).sorted().toList();
    }

    void start() {
        bornNanos = System.nanoTime();
        thread.setDaemon(true);
        thread.start();
        heartbeat.start();
    }

    @Override public long generation() {
        return snapshot.generation();
    }

    @Override public Optional<FrontendPlan> frontend(InetSocketAddress destination) {
        return snapshot.frontend(destination);
    }

    @Override public IdentityProvider identity() {
        return snapshot.identity();
    }

    Snapshot snapshot() {
        return snapshot;
    }

    /** The last build, for reports. */
    Build build() {
        return build;
    }

    Settings settings() {
        return settings;
    }

    RecentRequests recent() {
        return recent;
    }

    DrainCounts drains() {
        return drains;
    }

    DataPlane plane() {
        return plane;
    }

    void settings(Settings next) {
        settings = next;
        changed();
    }

    /** Something that a snapshot is made of has changed. Any thread; returns at once. */
    void changed() {
        lock.lock();
        try {
            if (!dirty) firstChange = System.nanoTime();
            dirty = true;
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    /** After {@link #changed}: completes when a build that has seen everything up to now is in force and {@code until} holds. */
    CompletableFuture<Void> settled(BooleanSupplier until) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        lock.lock();
        try {
            if (stopped) {
                done.complete(null);
            } else {
                if (!dirty) firstChange = System.nanoTime();
                dirty = true;
                waiters.add(new Waiter(started + 1, until, done));       // one under way may not have seen the change
                work.signal();
            }
        } finally {
            lock.unlock();
        }
        return done;
    }

    /** Completes when a build that has seen everything up to now is in force, with all its filters; exceptionally when it failed. Begins none. */
    CompletableFuture<Void> inForce() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        lock.lock();
        try {
            long needed = dirty ? started + 1 : started;
            if (stopped || completed >= needed && !cells().unfinished()) done.complete(null);
            else waiters.add(new Waiter(needed, () -> !cells().unfinished(), done));
        } finally {
            lock.unlock();
        }
        return done.thenRun(() -> {
            String why = failure;
            if (!why.isEmpty()) throw new IllegalStateException(why);
        });
    }

    /** For the operator; "" when nothing is to be built. */
    String pending() {
        lock.lock();
        try {
            if (!dirty && completed == started && !cells().unfinished()) return "";
        } finally {
            lock.unlock();
        }
        String making = parts.plugins.making();
        return "the snapshot after generation " + generation() + " is being built" + (making.isEmpty() ? "" : " and waits for " + making);
    }

    /** A service leaves: completes when no plan uses it any more; after the time to drain what does is reset.
     *  @param uses  tells what the service has made
     *  @param until nothing of it is left */
    CompletableFuture<Void> left(Predicate<Shared> uses, BooleanSupplier until) {
        Runnable over = retirements.limit(uses, System.nanoTime() + settings.drain().toNanos());
        CompletableFuture<Void> done = settled(until);
        done.thenRun(over);
        return done;
    }

    /** Waits on behalf of a leaving service, for at most the time to drain and a little more. */
    void await(CompletableFuture<Void> future, String what) {
        if (Thread.currentThread() == thread) return;
        Duration limit = settings.drain().plusSeconds(5);
        try {
            future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException | java.util.concurrent.ExecutionException e) {
            LOG.log(Level.WARNING, what + " did not leave service within " + limit.toSeconds() + " s", e);
        }
    }

    void add(RouteSource source, Map<String, ?> properties) {
        SourceFeed ear = new SourceFeed(source, properties.get(COMPLETES) instanceof String id ? id : "", this::changed);
        Feed feed = new Feed(Ranked.of(source, properties), ear, new CompletableFuture<>());
        feeds.add(feed);
        try {
            feed.registration().complete(source.subscribe(ear));
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "source " + source.id() + " cannot be subscribed to: " + e.getMessage(), e);
            ear.onStale("subscribe failed: " + e.getMessage());
            feed.registration().complete(() -> {});
        }
        changed();
    }

    void remove(RouteSource source) {
        for (Feed feed : feeds) {
            if (feed.source().service() != source) continue;
            feeds.remove(feed);
            feed.registration().thenAccept(Registration::close);
        }
        changed();
    }

    /** Best source first. */
    List<SourceFeed> feeds() {
        List<Feed> sorted = new ArrayList<>(feeds);
        sorted.sort((one, other) -> one.source().compareTo(other.source()));
        return sorted.stream().map(Feed::ear).toList();
    }

    Registration onPublished(Consumer<Published> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    FilterCells cells() {
        return builder.cells();
    }

    BackendPools pools() {
        return builder.pools();
    }

    private void run() {
        long lastBuild = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(JOIN_MILLIS);
        while (true) {
            boolean assemble;
            long since;
            lock.lock();
            try {
                long wait = nanosToWait(lastBuild);
                if (wait > 0 && !stopped) work.awaitNanos(wait);
                if (stopped) break;
                assemble = dirty && System.nanoTime() - lastBuild >= TimeUnit.MILLISECONDS.toNanos(JOIN_MILLIS);
                since = firstChange;
                if (assemble) {
                    dirty = false;
                    started++;
                }
            } catch (InterruptedException e) {
                break;
            } finally {
                lock.unlock();
            }
            try {
                if (assemble) {
                    lastBuild = System.nanoTime();
                    assemble(since);
                    failure = "";
                }
                if (retirements.poll(System.nanoTime())) builder.sweep();
            } catch (RuntimeException | Error e) {
                LOG.log(Level.ERROR, "a build failed; generation " + snapshot.generation() + " stays in force", e);
                if (assemble) failure = "the next snapshot cannot be built, generation " + generation() + " stays in force: " + e;
                metrics.buildFailed();
            }
            finish(assemble);
        }
    }

    /** With the lock. */
    private long nanosToWait(long lastBuild) {
        long join = TimeUnit.MILLISECONDS.toNanos(JOIN_MILLIS) - (System.nanoTime() - lastBuild);
        long poll = retirements.none() && waiters.isEmpty() ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS);
        return dirty ? Math.min(Math.max(0, join), poll) : poll;
    }

    private void finish(boolean assembled) {
        List<Waiter> ready = new ArrayList<>();
        lock.lock();
        try {
            if (assembled) completed = started;
            waiters.removeIf(waiter -> completed >= waiter.build() && waiter.until().getAsBoolean() && ready.add(waiter));
        } finally {
            lock.unlock();
        }
        ready.forEach(waiter -> waiter.done().complete(null));
    }

    private void assemble(long since) {
        List<SourceFeed> sources = feeds();
        boolean waiting = sources.isEmpty() || !come(sources) || sources.stream().anyMatch(feed -> feed.state().isEmpty() && (patient || feed.stale().isEmpty()) || halved(feed, sources));
        // half a world would tear down what a daemon before this one left working in the kernel, or what one beside it still works with
        if (waiting && snapshot.generation() == 0 && (patient || System.nanoTime() - bornNanos < FIRST_STATES)) {
            useParts();
            if (!patient) again(since);
            return;
        }
        Map<RouteSource, Long> revisions = revisions(sources);
        List<SourceFeed> delivered = sources.stream().filter(feed -> feed.state().isPresent()).toList();
        Settings now = settings;
        Build made = builder.build(sources, now);
        build = made;
        snapshot = made.snapshot();
        useParts();
        plane.apply(steeringPlan(made));
        delivered.forEach(SourceFeed::putInForce);
        if (made.changed()) published(made, System.nanoTime() - since);
        retirements.add(made.retired());
        builder.sweep();
        statuses.report(made);
        revisions.forEach(Assembler::tellInForce);
    }

    private boolean come(List<SourceFeed> sources) {
        return sources.stream().map(feed -> feed.source().id()).toList().containsAll(expected);
    }

    /** The source that this one completes has not come yet. */
    private static boolean halved(SourceFeed feed, List<SourceFeed> sources) {
        return !feed.completes().isEmpty() && sources.stream().noneMatch(other -> other.source().id().equals(feed.completes()));
    }

    /** Taken before a build, which therefore holds at least these. */
    private static Map<RouteSource, Long> revisions(List<SourceFeed> sources) {
        Map<RouteSource, Long> revisions = new LinkedHashMap<>();
        sources.forEach(feed -> feed.state().ifPresent(state -> revisions.put(feed.source(), state.revision())));
        return revisions;
    }

    private static void tellInForce(RouteSource source, long revision) {
        try {
            source.inForce(revision);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.WARNING, "source " + source.id() + " failed on what is in force: " + e, e);
        }
    }

    /** Nobody may come to wake us when the wait for first states is over. */
    private void again(long since) {
        lock.lock();
        try {
            if (!dirty) firstChange = since;
            dirty = true;
        } finally {
            lock.unlock();
        }
    }

    private void useParts() {
        plane.use(parts.forwarders.best(), settings.drain());
        plane.steer(parts.steerings.best());
    }

    /** Whether Services without routes are balanced in the kernel. */
    boolean balances() {
        return switch (settings.serviceBalancing()) {
            case KERNEL -> true;
            case NONE -> false;
            case AUTO -> feeds().stream().noneMatch(feed -> feed.source().id().equals("kube"));
        };
    }

    private SteeringPlan steeringPlan(Build made) {
        return steeringPlans.plan(made.snapshot(), balances(), plane.forwarder().isPresent());
    }

    private void published(Build made, long nanos) {
        Snapshot now = made.snapshot();
        metrics.published(now.generation(), nanos, made.world().services().size(), made.world().routes().size(), made.rules());
        LOG.log(Level.INFO, "snapshot published generation=" + now.generation() + " frontends=" + now.byPort().size() + " rules=" + made.rules()
                + " rebuilt=" + made.rebuilt() + " ms=" + nanos / 1_000_000);
        Published event = new Published(now.generation(), nanos, now.byPort().size(), made.rules(), made.rebuilt());
        for (Consumer<Published> listener : listeners) {
            try {
                listener.accept(event);
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "a listener failed on generation " + now.generation() + ": " + e, e);
            }
        }
    }

    /** Ends the thread; then steering lets go of the kernel and the forwarder drains, so that nothing new comes while the old ends. */
    @Override public void close() {
        lock.lock();
        try {
            stopped = true;
            work.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        heartbeat.close();
        feeds.forEach(feed -> feed.registration().thenAccept(Registration::close));
        plane.steer(Optional.empty());
        Optional<CompletableFuture<Void>> drained = plane.forwarder().map(leaving -> {
            plane.use(Optional.empty(), settings.drain());
            return plane.drained(leaving);
        });
        drained.ifPresent(future -> await(future, "the forwarder"));
        List<Waiter> left;
        lock.lock();
        try {
            left = new ArrayList<>(waiters);
            waiters.clear();
        } finally {
            lock.unlock();
        }
        left.forEach(waiter -> waiter.done().complete(null));
    }
}
