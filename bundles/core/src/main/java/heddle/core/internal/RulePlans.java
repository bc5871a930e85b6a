package heddle.core.internal;

import heddle.api.match.Candidate;
import heddle.api.match.PredicateFactory;
import heddle.api.model.BackendRef;
import heddle.api.model.CustomObject;
import heddle.api.model.GrpcRoute;
import heddle.api.model.HttpRoute;
import heddle.api.model.ObjectKey;
import heddle.api.model.Route;
import heddle.api.model.RouteFilter;
import heddle.api.model.RouteMatch;
import heddle.api.model.SessionPersistence;
import heddle.api.model.StreamRule;
import heddle.api.model.TcpRoute;
import heddle.api.model.TlsRoute;
import heddle.api.model.UdpRoute;
import heddle.api.plan.Failure;
import heddle.api.telemetry.MetricsSink;
import heddle.api.match.RequestHead;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Makes the plans of a route's rules and carries them from build to build while nothing that they are made from changes.
 *  On the assembler thread. */
final class RulePlans {
    private static final GrpcAnnotations NO_ANNOTATIONS = new GrpcAnnotations(0, 0, Optional.empty());
    private static final String PREDICATE = "heddle.io/match.";

    private record Known(RouteRules rules, long surroundings, long build) {}

    private record RecorderKey(String route, String rule) {}

    private final Parts parts;
    private final FilterCells cells;
    private final LeaseBlock.Source leases = new LeaseBlock.Source();
    private final Map<RecorderKey, RuleRecorder> recorders = new HashMap<>();
    private final Map<ObjectKey, Known> known = new HashMap<>();
    private final Map<Held, Boolean> live = new IdentityHashMap<>();
    private World world = World.EMPTY;
    private BackendResolver resolver;
    private SessionTokens tokens = Settings.DEFAULT.sessionTokens();
    private long surroundings;
    private long build;

    RulePlans(Parts parts, FilterCells cells, BackendPools pools, Policies policies) {
        this.parts = parts;
        this.cells = cells;
        this.resolver = new BackendResolver(World.EMPTY, Settings.DEFAULT, pools, policies);
    }

    /** @param context a number that grows whenever anything but routes and endpoints changes */
    void begin(World now, BackendResolver resolve, SessionTokens sessionTokens, long context, long number) {
        world = now;
        tokens = sessionTokens;
        resolver = resolve;
        surroundings = context;
        build = number;
    }

    RouteRules rules(Route route) {
        Known before = known.get(route.key());
        if (before != null && before.rules().route() == route && (before.build() == build || before.surroundings() == surroundings && !cells.unfinished(route.key()))) {
            before.rules().mark(build);
            known.put(route.key(), new Known(before.rules(), surroundings, build));
            return before.rules();
        }
        Optional<RouteRules> old = before == null ? Optional.empty() : Optional.of(before.rules());
        RouteRules made = switch (route) {
            case HttpRoute http -> http(http, old);
            case GrpcRoute grpc -> grpc(grpc, old);
            case TlsRoute tls -> stream(tls, tls.rules(), BackendResolver.Use.STREAM, old);
            case TcpRoute tcp -> stream(tcp, tcp.rules(), BackendResolver.Use.STREAM, old);
            case UdpRoute udp -> stream(udp, udp.rules(), BackendResolver.Use.DATAGRAM, old);
        };
        RouteRules next = before != null && cells.unfinished(route.key()) && made.equals(before.rules()) ? before.rules() : made;
        next.mark(build);
        known.put(route.key(), new Known(next, surroundings, build));
        return next;
    }

    /** A split over a Service's own endpoints, or any other that is not a route's. */
    HeldSplit split(Optional<HeldSplit> before, List<BackendResolver.Resolved> inputs) {
        HeldSplit split = before.filter(each -> each.madeFrom(inputs)).orElseGet(() -> held(new HeldSplit(inputs)));
        split.mark(build);
        return split;
    }

    /** Ends a build: the plans that it no longer uses, to be drained and then given to {@link #drained}. */
    List<Held> retire() {
        List<Held> retired = new ArrayList<>();
        live.keySet().removeIf(held -> {
            if (held.marked(build)) return false;
            retired.add(held);
            return true;
        });
        known.values().removeIf(each -> each.build() != build);
        return retired;
    }

    int rulesInForce() {
        return (int) live.keySet().stream().filter(HeldRule.class::isInstance).count();
    }

    /** Recorders that no plan uses drop their series. */
    void sweep() {
        recorders.values().removeIf(recorder -> {
            if (!recorder.unused()) return false;
            recorder.close();
            return true;
        });
    }

    private <T extends Held> T held(T made) {
        live.put(made, Boolean.TRUE);
        return made;
    }

    private RouteRules http(HttpRoute route, Optional<RouteRules> old) {
        RuleMaker maker = new RuleMaker(route, old, BackendResolver.Use.HTTP);
        for (HttpRoute.Rule rule : route.rules()) {
            maker.add(rule.name(), rule.matches(), rule.filters(), rule.backendRefs(), nanos(rule.timeouts().request()),
                    nanos(rule.timeouts().backendRequest()), rule.retry().map(retry ->
                            new HeldRule.RetrySpec(retry.codes(), List.of(), retry.attempts(), retry.backoff().toNanos())), rule.sessionPersistence());
        }
        return maker.rules();
    }

    private RouteRules grpc(GrpcRoute route, Optional<RouteRules> old) {
        RuleMaker maker = new RuleMaker(route, old, BackendResolver.Use.GRPC);
        for (GrpcRoute.Rule rule : route.rules()) {
            GrpcAnnotations more = NO_ANNOTATIONS;
            try {
                more = GrpcAnnotations.of(route, rule.name());
            } catch (IllegalArgumentException e) {
                maker.breaks(e.getMessage());
            }
            maker.add(rule.name(), rule.matches(), rule.filters(), rule.backendRefs(), more.requestNanos(), more.backendNanos(), more.retry(), rule.sessionPersistence());
        }
        return maker.rules();
    }

    private RouteRules stream(Route route, List<StreamRule> rules, BackendResolver.Use use, Optional<RouteRules> old) {
        List<BackendRef> refs = rules.isEmpty() ? List.of() : rules.getFirst().backendRefs();
        List<BackendResolver.Resolved> inputs = refs.stream().map(ref -> resolver.resolve(route, ref, use)).toList();
        HeldSplit split = split(old.flatMap(RouteRules::stream), inputs);
        List<BackendResolver.RefProblem> problems = inputs.stream().flatMap(each -> each.problem().stream()).toList();
        return new RouteRules(route, List.of(), List.of(), List.of(), Optional.of(split), problems, Map.of());
    }

    private RuleRecorder recorder(String route, String rule) {
        Optional<MetricsSink> sink = parts.sinks.best();
        RuleRecorder recorder = recorders.get(new RecorderKey(route, rule));
        if (recorder != null && recorder.sink().equals(sink)) return recorder;
        RuleRecorder made = new RuleRecorder(sink, route, rule);
        recorders.put(new RecorderKey(route, rule), made);
        return made;
    }

    private static long nanos(Optional<Duration> limit) {
        return limit.map(Duration::toNanos).orElse(0L);
    }

    /** Collects the rules of one HTTPRoute or GRPCRoute. */
    private final class RuleMaker {
        private final Route route;
        private final BackendResolver.Use use;
        private final Map<String, HeldRule> before = new HashMap<>();
        private final List<HeldRule> rules = new ArrayList<>();
        private final List<List<? extends RouteMatch>> matches = new ArrayList<>();
        private final List<List<Candidate.NamedPredicate>> predicates = new ArrayList<>();
        private final List<BackendResolver.RefProblem> refs = new ArrayList<>();
        private final Map<Integer, RouteRules.Broken> broken = new LinkedHashMap<>();

        RuleMaker(Route route, Optional<RouteRules> old, BackendResolver.Use use) {
            this.route = route;
            this.use = use;
            old.ifPresent(given -> given.rules().forEach(rule -> before.put(rule.rule(), rule)));
        }

        /** The rule that is added next cannot be used. */
        void breaks(String message) {
            broken.putIfAbsent(rules.size(), new RouteRules.Broken("UnsupportedValue", route.key() + " rule " + rules.size() + ": " + message));
        }

        void add(Optional<String> name, List<? extends RouteMatch> ruleMatches, List<RouteFilter> filters, List<BackendRef> backendRefs,
                 long requestNanos, long backendNanos, Optional<HeldRule.RetrySpec> retry, Optional<SessionPersistence> session) {
            int index = rules.size();
            String id = name.orElse(Integer.toString(index));
            String where = route.key() + " rule " + index;
            Optional<String> clash = FilterOrder.clash(filters, backendRefs);
            clash.ifPresent(message -> broken.putIfAbsent(index, new RouteRules.Broken("IncompatibleFilters", where + ": " + message)));
            List<FilterCell> ruleFilters = cells(filters, ruleMatches, id, -1, where, index);
            List<HeldRule.Target> targets = new ArrayList<>();
            for (int i = 0; i < backendRefs.size(); i++) {
                BackendRef ref = backendRefs.get(i);
                BackendResolver.Resolved resolved = resolver.resolve(route, ref, use);
                resolved.problem().ifPresent(refs::add);
                if (session.isPresent() && resolved.pool().filter(BackendPool::byClientAddress).isPresent()) {
                    breaks("sessionPersistence and sessionAffinity ClientIP of Service " + resolved.pool().get().spec().service() + " exclude each other");
                }
                targets.add(new HeldRule.Target(resolved, cells(ref.filters(), ruleMatches, id, i, where + " backendRef " + i, -1)));
            }
            predicates.add(name.map(given -> predicates(given, index, where)).orElse(List.of()));
            matches.add(ruleMatches);
            Failure failure = broken.containsKey(index) ? Failure.FILTER : Failure.NONE;
            HeldRule.Recipe recipe = new HeldRule.Recipe(route.key().toString(), id, failure, ruleFilters, targets, requestNanos, backendNanos, retry, session, tokens,
                    recorder(route.key().toString(), id));
            HeldRule kept = before.get(id);
            rules.add(kept != null && kept.recipe().equals(recipe) ? kept : held(new HeldRule(recipe, leases.lease())));
        }

        RouteRules rules() {
            return new RouteRules(route, rules, matches, predicates, Optional.empty(), refs, broken);
        }

        /** @param rule index of the rule that a failed filter breaks; -1 = it breaks its backend's share only */
        private List<FilterCell> cells(List<RouteFilter> filters, List<? extends RouteMatch> ruleMatches, String id, int backend, String where, int rule) {
            if (filters.isEmpty()) return List.of();
            List<FilterCell> made = new ArrayList<>(filters.size());
            for (int i = 0; i < filters.size(); i++) {
                FilterCell cell = cells.cell(new FilterCells.Slot(route.key(), id, backend, i), route, filters.get(i), ruleMatches,
                        where + " filter " + i, world, resolver);
                made.add(cell);
                cell.backends().values().forEach(each -> each.problem().ifPresent(refs::add));
                if (cell.problem().isEmpty()) continue;
                FilterCell.Problem problem = cell.problem().get();
                if (problem.reference()) refs.add(new BackendResolver.RefProblem(problem.reason(), problem.message()));
                if (rule >= 0) broken.putIfAbsent(rule, new RouteRules.Broken(problem.reference() ? "UnsupportedValue" : problem.reason(), problem.message()));
                else if (!problem.reference()) refs.add(new BackendResolver.RefProblem("UnsupportedValue", problem.message()));
            }
            return made;
        }

        /** {@code heddle.io/match.<rule name>: <Kind>.<group>/<name>}, several with commas; what does not resolve breaks the rule. */
        private List<Candidate.NamedPredicate> predicates(String name, int index, String where) {
            String annotation = route.metadata().annotations().get(PREDICATE + name);
            if (annotation == null) return List.of();
            List<Candidate.NamedPredicate> made = new ArrayList<>();
            for (String part : annotation.split(",")) {
                try {
                    made.add(predicate(part.strip()));
                } catch (RuntimeException | Error e) {         // a plugin that lacks a class of its own ends no build
                    broken.putIfAbsent(index, new RouteRules.Broken("UnsupportedValue", where + ": annotation " + PREDICATE + name + ": "
                            + (e instanceof IllegalArgumentException ? e.getMessage() : e)));
                }
            }
            return made;
        }

        /** On event loops, for every request of the set: a plugin's condition that throws does not hold, and is counted. */
        private Predicate<RequestHead> guarded(PredicateFactory factory, Predicate<RequestHead> condition) {
            Optional<PluginGuard> guard = parts.plugins.of(factory);
            if (guard.isEmpty()) return condition;
            return head -> {
                try {
                    return condition.test(head);
                } catch (RuntimeException | Error fault) {
                    guard.get().fault();
                    return false;
                }
            };
        }

        private Candidate.NamedPredicate predicate(String text) {
            int dot = text.indexOf('.');
            int slash = text.indexOf('/');
            if (dot <= 0 || slash < dot + 2 || slash == text.length() - 1) throw new IllegalArgumentException(text + " (expected: <Kind>.<group>/<name>)");
            String kind = text.substring(0, dot);
            String group = text.substring(dot + 1, slash);
            CustomObject spec = world.custom(group, kind, route.namespace(), text.substring(slash + 1))
                    .orElseThrow(() -> new IllegalArgumentException(text + " does not exist in namespace " + route.namespace()));
            PredicateFactory factory = parts.predicates.best(each -> each.type().equals(group + "/" + kind))
                    .orElseThrow(() -> new IllegalArgumentException("no match of type " + group + "/" + kind + " is installed"));
            return new Candidate.NamedPredicate(text, guarded(factory, factory.create(spec)));
        }
    }
}
