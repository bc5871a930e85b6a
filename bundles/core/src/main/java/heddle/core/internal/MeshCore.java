package heddle.core.internal;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferenceCardinality.OPTIONAL;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;
import static org.osgi.service.component.annotations.ReferencePolicyOption.GREEDY;

import heddle.api.admin.Drains;
import heddle.api.admin.ExplainQuery;
import heddle.api.admin.DiffReport;
import heddle.api.admin.Explained;
import heddle.api.admin.MeshInspector;
import heddle.api.admin.MeshStatus;
import heddle.api.admin.PluginReport;
import heddle.api.admin.RecentFailure;
import heddle.api.admin.RouteReport;
import heddle.api.admin.ServiceReport;
import heddle.api.forward.Forwarder;
import heddle.api.identity.IdentityProvider;
import heddle.api.match.PredicateFactory;
import heddle.api.match.RouteCompiler;
import heddle.api.plan.FrontendPlan;
import heddle.api.plan.MeshView;
import heddle.api.policy.FilterFactory;
import heddle.api.policy.LoadBalancerFactory;
import heddle.api.source.Registration;
import heddle.api.source.RouteSource;
import heddle.api.source.SourceState;
import heddle.api.steer.Steering;
import heddle.api.telemetry.MetricsSink;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;

/** Core in the service registry: every replaceable part comes and goes here. {@code unbind} comes back when the part is out of use
 *  (DESIGN.md, hot swap: leaving service). */
@Component(immediate = true, configurationPid = "heddle.core", service = {MeshView.class, MeshInspector.class})
public final class MeshCore implements MeshView, MeshInspector {
    private static final Logger LOG = System.getLogger("heddle.plugins");
    private final Parts parts = new Parts();
    private final Assembler assembler = new Assembler(parts, Settings.DEFAULT);
    private final Inspector inspector = new Inspector(assembler, parts);
    private volatile boolean rollback;
    /** Plugins whose version in force came by an automatic rollback and has not proven itself yet. */
    private final Set<String> rolledBack = ConcurrentHashMap.newKeySet();

    /** The launcher, which owns the plugins folder; it shares no types with bundles but the JDK's. */
    @Reference(cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY, target = "(heddle.order=plugins)")
    private volatile @Nullable Function<List<String>, List<String>> launcher;

    @Activate
    void start(CoreSettings settings) {
        assembler.settings(Settings.of(settings));
        parts.plugins.limits(PluginGuard.Limits.of(settings));
        rollback = settings.plugins_rollback();
        assembler.waitForSources(settings.kubernetes() ? Set.of("kube") : Set.of(), settings.takeOver());
        parts.plugins.onStart(this::started);
        parts.plugins.lowest(this::lowerPriority);
        assembler.recent().slots(settings.recentRequests());
        assembler.start();
    }

    @Modified
    void configure(CoreSettings settings) {
        assembler.settings(Settings.of(settings));
        parts.plugins.limits(PluginGuard.Limits.of(settings));
        rollback = settings.plugins_rollback();
        assembler.recent().slots(settings.recentRequests());
    }

    @Deactivate
    void stop() {
        assembler.close();
        parts.plugins.close();
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    void bindSource(RouteSource source, Map<String, Object> properties) {
        assembler.add(source, properties);
    }

    void unbindSource(RouteSource source) {
        assembler.remove(source);
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    void bindCompiler(RouteCompiler compiler, Map<String, Object> properties) {
        bind(parts.compilers, compiler, properties);
    }

    void unbindCompiler(RouteCompiler compiler) {
        parts.compilers.remove(compiler);
        assembler.await(assembler.settled(() -> true).thenCompose(done -> assembler.plane().quiesce()), "route compiler " + compiler.name());
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    void bindFilters(FilterFactory factory, Map<String, Object> properties) {
        bind(parts.filters, factory, properties, FilterFactory::type);
    }

    void unbindFilters(FilterFactory factory) {
        parts.filters.remove(factory);
        assembler.await(assembler.left(used -> used instanceof FilterCell cell && cell.inputs().madeBy(factory), () -> !assembler.cells().uses(factory)), "filter factory " + factory.type());
        parts.plugins.left(factory);
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    void bindBalancers(LoadBalancerFactory factory, Map<String, Object> properties) {
        bind(parts.balancers, factory, properties, LoadBalancerFactory::name);
    }

    void unbindBalancers(LoadBalancerFactory factory) {
        parts.balancers.remove(factory);
        assembler.await(assembler.left(used -> used instanceof BackendPool pool && pool.madeBy(factory), () -> !assembler.pools().uses(factory)), "balancer factory " + factory.name());
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    void bindPredicates(PredicateFactory factory, Map<String, Object> properties) {
        bind(parts.predicates, factory, properties, PredicateFactory::type);
    }

    void unbindPredicates(PredicateFactory factory) {
        parts.predicates.remove(factory);
        assembler.await(assembler.settled(() -> true).thenCompose(done -> assembler.plane().quiesce()), "match factory " + factory.type());
        parts.plugins.left(factory);
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    void bindIdentity(IdentityProvider provider, Map<String, Object> properties) {
        bind(parts.identities, provider, properties);
    }

    void unbindIdentity(IdentityProvider provider) {
        parts.identities.remove(provider);
        assembler.await(assembler.settled(() -> true).thenCompose(done -> assembler.plane().quiesce()), "identity provider");
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    void bindMetrics(MetricsSink sink, Map<String, Object> properties) {
        bind(parts.sinks, sink, properties);
    }

    void unbindMetrics(MetricsSink sink) {
        parts.sinks.remove(sink);
        assembler.await(assembler.settled(() -> true).thenCompose(done -> assembler.plane().quiesce()), "metrics sink");
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    void bindForwarder(Forwarder forwarder, Map<String, Object> properties) {
        bind(parts.forwarders, forwarder, properties);
    }

    void unbindForwarder(Forwarder forwarder) {
        parts.forwarders.remove(forwarder);
        assembler.await(assembler.settled(() -> true).thenCompose(done -> assembler.plane().drained(forwarder)), "forwarder " + forwarder.name());
    }

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    void bindSteering(Steering steering, Map<String, Object> properties) {
        bind(parts.steerings, steering, properties);
    }

    void unbindSteering(Steering steering) {
        parts.steerings.remove(steering);
        assembler.await(assembler.settled(() -> true), "steering " + steering.id());
    }

    /** One that cannot say what it is called would fail every build of all. */
    private <T> void bind(Whiteboard<T> board, T service, Map<String, Object> properties, Function<T, @Nullable String> name) {
        try {
            if (name.apply(service) == null) throw new IllegalStateException("null");
        } catch (RuntimeException | Error fault) {
            LOG.log(Level.ERROR, service.getClass().getName() + " is not used, since it cannot say its type or name: " + fault, fault);
            return;
        }
        bind(board, service, properties);
    }

    private <T> void bind(Whiteboard<T> board, T service, Map<String, Object> properties) {
        board.add(service, properties);
        assembler.changed();
    }

    @Override public long generation() {
        return assembler.generation();
    }

    @Override public Optional<FrontendPlan> frontend(InetSocketAddress destination) {
        return assembler.frontend(destination);
    }

    @Override public IdentityProvider identity() {
        return assembler.identity();
    }

    @Override public MeshStatus status() {
        return inspector.status();
    }

    @Override public List<RouteReport> routes() {
        return inspector.routes();
    }

    @Override public List<ServiceReport> services() {
        return inspector.services();
    }

    @Override public Explained explain(ExplainQuery query) {
        return inspector.explain(query);
    }

    @Override public List<RecentFailure> recent(Optional<String> service) {
        return inspector.recent(service);
    }

    @Override public DiffReport diff(SourceState proposed, boolean over) {
        return inspector.diff(proposed, over);
    }

    @Override public boolean knows(String namespace, String workload) {
        return inspector.knows(namespace, workload);
    }

    /** A version that failed its first requests makes place for the one before: once, not back and forth between two bad ones.
     *  On a thread of its own: taking the bad one out waits for its requests. */
    private void started(PluginGuards.Plugin plugin, PluginGuard.Start start) {
        if (start == PluginGuard.Start.GOOD) rolledBack.remove(plugin.name());
        Function<List<String>, List<String>> folder = launcher;
        if (start != PluginGuard.Start.BAD || !rollback || folder == null) return;
        if (!rolledBack.add(plugin.name())) {
            LOG.log(Level.WARNING, "plugin {0} failed its first requests after a rollback too; it stays", plugin.name());
            return;
        }
        Thread.ofPlatform().daemon().name("heddle-plugin-rollback").start(() -> {
            try {
                folder.apply(List.of("rollback", plugin.name()));
                LOG.log(Level.WARNING, "rolled back plugin {0}: it failed its first requests", plugin.name());
            } catch (RuntimeException no) {
                rolledBack.remove(plugin.name());
                LOG.log(Level.WARNING, "plugin {0} failed its first requests and cannot be rolled back: {1}", plugin.name(), no.getMessage());
            }
        });
    }

    private void lowerPriority(long thread) {
        Function<List<String>, List<String>> system = launcher;
        if (system != null) system.apply(List.of("lowest-priority", String.valueOf(thread)));
    }

    @Override public List<PluginReport> plugins() {
        return parts.plugins.reports();
    }

    @Override public Drains drains() {
        return assembler.drains().sum();
    }

    @Override public CompletionStage<Void> inForce() {
        return assembler.inForce();
    }

    @Override public String pending() {
        return assembler.pending();
    }

    @Override public Registration onPublished(Consumer<Published> listener) {
        return assembler.onPublished(listener);
    }
}
