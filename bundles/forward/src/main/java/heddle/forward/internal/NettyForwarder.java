package heddle.forward.internal;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import heddle.api.forward.Forwarder;
import heddle.api.forward.ForwarderStatus;
import heddle.api.plan.MeshView;
import heddle.api.plan.RulePlan;
import heddle.api.source.Registration;
import heddle.api.steer.Place;
import heddle.api.telemetry.MetricsSink;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** The forwarder on Netty's epoll transport: event loops, the places they accept from, and their end. Any thread. */
@Component(configurationPid = "heddle.forward")
public final class NettyForwarder implements Forwarder {
    private static final System.Logger LOG = System.getLogger("heddle.forward");
    private static final AtomicInteger INSTANCES = new AtomicInteger();
    /** The limit of a drain is for streams and relays; an answer that is owed may take so much longer: its end would be a failed request. */
    static final long OWED_NANOS = TimeUnit.SECONDS.toNanos(4);

    static {
        // the sampling default costs a stack trace every 128 buffers; tests ask for paranoid
        if (System.getProperty("io.netty.leakDetection.level") == null) ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }

    private final String name;
    private final MultiThreadIoEventLoopGroup group;
    private final List<Loop> loops = new ArrayList<>();
    private final ThreadPoolExecutor workers;
    private final ThreadPoolExecutor plugins;
    private final Tenants tenants;
    private final Set<Acceptor> acceptors = ConcurrentHashMap.newKeySet();
    private volatile Settings settings;
    private volatile @Nullable ForwardMetrics metrics;

    @Activate
    public NettyForwarder(ForwardConfig config, BundleContext context) {
        this(Settings.of(config));
        OwnClasses.loadForTakeover(context);
    }

    NettyForwarder(Settings settings) {
        this.settings = settings;
        name = "netty-" + INSTANCES.incrementAndGet();
        workers = pool("heddle-sockets", 2, 4096);
        plugins = pool("heddle-filters", settings.filterThreads(), 10_000);
        tenants = new Tenants(settings.loops(), () -> this.settings);
        group = new MultiThreadIoEventLoopGroup(settings.loops(), new DefaultThreadFactory("heddle-loop"), LastingEpoll.newFactory());
        for (var executor : group) loops.add(new Loop(loops.size(), (EventLoop) executor, workers, plugins, tenants, () -> this.settings));
        loops.getFirst().executor.scheduleAtFixedRate(this::publish, 1, 1, TimeUnit.SECONDS);
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    void bind(MetricsSink sink) {
        metrics = new ForwardMetrics(sink);
    }

    void unbind(MetricsSink sink) {
        ForwardMetrics now = metrics;
        if (now != null && now.of(sink)) metrics = null;          // a better sink is bound before the old one goes
    }

    private void publish() {
        ForwardMetrics now = metrics;
        if (now == null) return;
        try {
            now.publish(loops, tenants);
        } catch (RuntimeException e) {
            Faults.note("metrics sink", e);
        }
    }

    private static ThreadPoolExecutor pool(String name, int threads, int queue) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(threads, threads, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(queue),
                new DefaultThreadFactory(name, true));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    @Modified
    void modified(ForwardConfig config) {
        Settings changed = Settings.of(config);
        if (changed.loops() != loops.size()) LOG.log(INFO, "forward.loops={0} needs a restart to take effect", changed.loops());
        settings = changed;
    }

    @Deactivate
    void deactivate() {
        acceptors.forEach(Acceptor::close);
        for (Loop loop : loops) loop.executor.submit(loop::close).awaitUninterruptibly(2, TimeUnit.SECONDS);
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
        workers.shutdown();
        plugins.shutdownNow();
    }

    @Override public String name() {
        return name;
    }

    @Override public int loops() {
        return loops.size();
    }

    @Override public Registration serve(Place place, MeshView view) {
        Acceptor acceptor = new Acceptor(place, view, loops);
        acceptors.add(acceptor);
        acceptor.open();
        return () -> {
            acceptor.close();
            acceptors.remove(acceptor);
            all(loop -> loop.leave(place));
        };
    }

    @Override public CompletionStage<Void> quiesce() {
        return all(loop -> { });
    }

    private CompletableFuture<Void> all(java.util.function.Consumer<Loop> task) {
        CompletableFuture<?>[] passed = new CompletableFuture<?>[loops.size()];
        for (int i = 0; i < passed.length; i++) {
            Loop loop = loops.get(i);
            passed[i] = CompletableFuture.runAsync(() -> task.accept(loop), loop.executor);
        }
        return CompletableFuture.allOf(passed);
    }

    @Override public CompletionStage<Void> drain(Duration limit) {
        return drain(limit, Duration.ZERO);
    }

    @Override public CompletionStage<Void> drain(Duration limit, Duration over) {
        CompletableFuture<Void> drained = new CompletableFuture<>();
        long due = System.nanoTime() + limit.toNanos();
        all(loop -> loop.startDraining(over.toNanos())).whenComplete((started, fault) -> awaitGone(due, over, false, drained));
        return drained;
    }

    /** Looks again every 20 ms until all connections have gone; at the limit resets the rest, those that owe an answer later.
     *  @param over in which they are reset */
    private void awaitGone(long due, Duration over, boolean owed, CompletableFuture<Void> drained) {
        long left = loops.stream().mapToLong(loop -> loop.counters.connections).sum();
        if (left == 0) {
            drained.complete(null);
            return;
        }
        if (due - System.nanoTime() > 0) {
            loops.getFirst().executor.schedule(() -> awaitGone(due, over, owed, drained), 20, TimeUnit.MILLISECONDS);
            return;
        }
        LOG.log(WARNING, "{0} connections were still open at the drain limit and are reset{1}", left, owed ? "" : ", those that owe an answer " + OWED_NANOS / 1_000_000_000 + " s later");
        CompletableFuture<Void> reset = all(loop -> loop.resetOpen(owed, owed ? 0 : over.toNanos()));
        if (owed) reset.whenComplete((done, fault) -> drained.complete(null));
        else reset.whenComplete((done, fault) -> awaitGone(System.nanoTime() + OWED_NANOS, over, true, drained));
    }

    @Override public void letGo(Collection<RulePlan> plans) {
        Set<RulePlan> leaving = same(plans);
        for (Loop loop : loops) loop.executor.execute(() -> loop.exchanges(each -> each.letGoOf(leaving)));
    }

    @Override public void reset(Collection<RulePlan> plans) {
        Set<RulePlan> late = same(plans);
        for (Loop loop : loops) loop.executor.execute(() -> loop.exchanges(each -> each.endIfOf(late)));
    }

    private static Set<RulePlan> same(Collection<RulePlan> plans) {
        Set<RulePlan> same = Collections.newSetFromMap(new IdentityHashMap<>());
        same.addAll(plans);
        return same;
    }

    @Override public ForwarderStatus status() {
        List<Counters> all = loops.stream().map(loop -> loop.counters).toList();
        return new ForwarderStatus(name, loops.size(), all.stream().mapToLong(c -> c.connections).sum(),
                all.stream().mapToLong(c -> c.requestsInFlight).sum(), Counters.sum(all));
    }
}
