package heddle.core.internal;

import heddle.api.identity.IdentityProvider;
import heddle.api.model.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Builds snapshots out of the sources' objects and the parts that are there, and carries over all that has not changed.
 *  On the assembler thread; publishes nothing itself. */
final class SnapshotBuilder {
    private final Parts parts;
    private final BackendPools pools;
    private final FilterCells cells;
    private final Policies policies;
    private final RulePlans rules;
    private final FrontendPlans frontends;
    private final Attachments attachments = new Attachments();
    private Optional<Surroundings> surroundings = Optional.empty();
    private Identities identities;
    private Snapshot last;
    private long context;
    private long number;

    /** @param changed brings about another build, when something has come that this one went on without; any thread */
    SnapshotBuilder(Parts parts, Identities first, RecentRequests recent, Runnable changed) {
        this.parts = parts;
        this.identities = first;
        this.last = new Snapshot(0, Snapshot.EMPTY.index(), Snapshot.EMPTY.byPort(), first, first);
        CoreMetrics metrics = new CoreMetrics(parts.sinks);
        this.pools = new BackendPools(parts.balancers, metrics);
        this.cells = new FilterCells(parts.filters, parts.plugins, changed);
        this.policies = new Policies(metrics);
        this.rules = new RulePlans(parts, cells, pools, policies);
        this.frontends = new FrontendPlans(rules, recent);
    }

    /** The next state; its snapshot is the last one, generation and all, when only endpoints have changed. */
    Build build(List<SourceFeed> feeds, Settings settings) {
        World world = ObjectStore.merge(feeds);
        Surroundings now = Surroundings.of(world, parts, settings);
        if (surroundings.isEmpty() || !surroundings.get().same(now)) {
            context++;
            policies.read(world);
        }
        surroundings = Optional.of(now);
        number++;
        pools.begin(settings);
        cells.begin();
        BackendResolver resolver = new BackendResolver(world, settings, pools, policies);
        rules.begin(world, resolver, settings.sessionTokens(), context, number);

        RouteSets sets = new RouteSets();
        List<Build.RouteState> states = new ArrayList<>(world.routes().size());
        for (Route route : world.routes()) {
            List<Attachment> attached = attachments.of(route, world);
            if (attached.isEmpty()) continue;
            attached.stream().filter(Attachment::accepted).forEach(sets::add);
            states.add(new Build.RouteState(route, attached, rules.rules(route)));
        }
        attachments.end();
        cells.end();
        identities = identities.with(world.workloads());
        FrontendPlans.Result result = frontends.build(world, sets, resolver, parts.compilers.all(), identities.clients(), number);
        pools.refresh(world);

        IdentityProvider identity = parts.identities.best().orElse(identities);
        boolean changed = result.changed() || identities != last.identities() || identity != last.identity() || last.generation() == 0;
        if (changed) {
            last = new Snapshot(last.generation() + 1, result.changed() ? Snapshot.index(result.frontends().values()) : last.index(),
                    result.changed() ? result.frontends() : last.byPort(), identities, identity);
        }
        List<Held> retired = rules.retire();
        return new Build(last, world, List.copyOf(states), result.sets(), result.problems(), rules.rulesInForce(), result.rebuilt(), changed, retired, settings, policies.statuses());
    }

    /** Closes what no plan uses any more, live or draining. */
    void sweep() {
        rules.sweep();
        cells.sweep();
        pools.sweep();
    }

    FilterCells cells() {
        return cells;
    }

    BackendPools pools() {
        return pools;
    }
}
