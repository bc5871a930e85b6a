package heddle.core.internal;

import heddle.api.match.Candidate;
import heddle.api.match.Compiled;
import heddle.api.match.Explanation;
import heddle.api.match.RequestHead;
import heddle.api.match.RouteCompiler;
import heddle.api.match.RouteTable;
import heddle.api.model.MeshObject;
import heddle.api.model.ObjectKey;
import heddle.api.model.Route;
import heddle.api.model.RouteMatch;
import heddle.api.model.TlsRoute;
import heddle.api.plan.ClientPlan;
import heddle.api.plan.Failure;
import heddle.api.plan.RulePlan;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Turns the routes of one set into what serves its clients. Pure; any thread. */
final class SetCompiler {
    /** Oldest first, one without creationTimestamp after all that have one, then by name (SPEC.md §3, P9). */
    static final Comparator<MeshObject> AGE = Comparator.<MeshObject, Boolean>comparing(route -> route.metadata().created().isEmpty())
            .thenComparing(route -> route.metadata().created().orElse(java.time.Instant.EPOCH))
            .thenComparing(route -> route.key().path());

    private SetCompiler() {}

    /** @param before what served the same set until now
     *  @throws RuntimeException from the compiler, when nothing served the set before */
    static CompiledSet compile(SetInputs inputs, Optional<CompiledSet> before) {
        if (before.isPresent() && before.get().inputs().same(inputs) && before.get().problem().isEmpty()) return before.get();
        RouteKind kind = inputs.routes().stream().map(each -> RouteKind.of(each.route())).min(Comparator.naturalOrder()).orElseThrow();
        List<RouteRules> serving = new ArrayList<>();
        Map<ObjectKey, String> lost = new HashMap<>();
        for (RouteRules each : inputs.routes()) if (RouteKind.of(each.route()) == kind) serving.add(each);
        for (RouteRules each : inputs.routes()) {
            if (RouteKind.of(each.route()) != kind) lost.put(each.route().key(), serving.getFirst().route().key() + " is in force there");
        }
        return switch (kind) {
            case GRPC, HTTP -> http(inputs, serving, lost, kind == RouteKind.GRPC, before);
            case TLS -> tls(inputs, serving, lost);
            case TCP, UDP -> stream(inputs, serving, lost);
        };
    }

    private static CompiledSet http(SetInputs inputs, List<RouteRules> serving, Map<ObjectKey, String> lost, boolean grpc, Optional<CompiledSet> before) {
        List<RulePlan> rules = new ArrayList<>();
        List<RuleAt> places = new ArrayList<>();
        boolean valid = false;
        for (RouteRules route : serving) {
            for (int i = 0; i < route.rules().size(); i++) {
                rules.add(route.rules().get(i));
                places.add(new RuleAt(route, i));
            }
        }
        RouteTable table;
        Map<ObjectKey, Map<Integer, String>> refused;
        if (before.isPresent() && before.get().table().isPresent() && before.get().problem().isEmpty() && before.get().inputs().sameTable(inputs)) {
            table = before.get().table().get();
            refused = before.get().refused();
        } else {
            refused = new HashMap<>();
            table = table(inputs.compilers(), places, refused);
        }
        for (RuleAt place : places) {
            if (!place.route().broken().containsKey(place.index()) && !refused.getOrDefault(place.route().route().key(), Map.of()).containsKey(place.index())) {
                valid = true;
                break;
            }
        }
        ClientPlan plan = new ClientPlan.Http(inputs.set().toString(), grpc, inputs.expect().orElse(ClientPlan.Expect.DETECT), table, rules,
                valid ? Failure.NO_ROUTE : Failure.NO_VALID_RULE, inputs.own().split());
        return new CompiledSet(inputs, plan, Optional.of(table), keys(serving), lost, refused, "");
    }

    /** A rule and its place in its route. */
    private record RuleAt(RouteRules route, int index) {}

    private static RouteTable table(List<Ranked<RouteCompiler>> compilers, List<RuleAt> places, Map<ObjectKey, Map<Integer, String>> refused) {
        if (compilers.isEmpty()) return NoTable.INSTANCE;
        RouteCompiler compiler = compilers.getFirst().service();
        Compiled compiled = compiler.compile(candidates(places, new BitSet()));
        if (compiled.refused().isEmpty()) return compiled.table();
        // a rule is refused as a whole, also when only one of its matches is (SPEC.md S4)
        BitSet dropped = new BitSet();
        for (Compiled.Refusal refusal : compiled.refused()) {
            dropped.set(refusal.candidate().rule());
            refused.computeIfAbsent(refusal.candidate().route(), key -> new TreeMap<>()).putIfAbsent(refusal.candidate().ruleIndex(), refusal.reason());
        }
        return compiler.compile(candidates(places, dropped)).table();
    }

    private static List<Candidate> candidates(List<RuleAt> places, BitSet dropped) {
        List<Candidate> candidates = new ArrayList<>(places.size() + 16);
        for (int number = 0; number < places.size(); number++) {
            if (dropped.get(number)) continue;
            RuleAt place = places.get(number);
            Route route = place.route().route();
            List<? extends RouteMatch> matches = place.route().matches().get(place.index());
            for (int i = 0; i < matches.size(); i++) {
                candidates.add(new Candidate(number, route.key(), route.metadata().created(), place.index(), i, matches.get(i),
                        place.route().predicates().get(place.index())));
            }
        }
        return candidates;
    }

    private static CompiledSet tls(SetInputs inputs, List<RouteRules> serving, Map<ObjectKey, String> lost) {
        List<RouteRules> byAge = serving.stream().sorted(Comparator.comparing(RouteRules::route, AGE)).toList();
        Map<String, Route> owners = new HashMap<>();
        Map<String, heddle.api.plan.Split> splits = new HashMap<>();
        Set<ObjectKey> inForce = new HashSet<>();
        for (RouteRules each : byAge) {
            TlsRoute route = (TlsRoute) each.route();
            for (String hostname : route.hostnames()) {
                String name = hostname.toLowerCase(java.util.Locale.ROOT);
                Route owner = owners.putIfAbsent(name, route);
                if (owner == null) {
                    splits.put(name, each.stream().orElseThrow().split());
                    inForce.add(route.key());
                } else {
                    lost.putIfAbsent(route.key(), owner.key() + " has hostname " + hostname + " there");
                }
            }
        }
        lost.keySet().removeAll(inForce);      // one hostname of its own keeps a route in force
        return new CompiledSet(inputs, new ClientPlan.Tls(new SniIndex(splits)), Optional.empty(), inForce, lost, Map.of(), "");
    }

    private static CompiledSet stream(SetInputs inputs, List<RouteRules> serving, Map<ObjectKey, String> lost) {
        RouteRules oldest = serving.stream().min(Comparator.comparing(RouteRules::route, AGE)).orElseThrow();
        for (RouteRules each : serving) if (each != oldest) lost.put(each.route().key(), oldest.route().key() + " is older and in force there");
        ClientPlan plan = new ClientPlan.Relay(oldest.route().key().toString(), oldest.stream().orElseThrow().split());
        return new CompiledSet(inputs, plan, Optional.empty(), Set.of(oldest.route().key()), lost, Map.of(), "");
    }

    /** Every request is answered 500: routes are attached, and nothing can tell which of them applies (SPEC.md A13). */
    static CompiledSet failed(SetInputs inputs, String problem) {
        boolean grpc = inputs.routes().stream().anyMatch(each -> RouteKind.of(each.route()) == RouteKind.GRPC);
        ClientPlan plan = new ClientPlan.Http(inputs.set().toString(), grpc, inputs.expect().orElse(ClientPlan.Expect.DETECT), NoTable.INSTANCE,
                List.of(), Failure.NO_VALID_RULE, inputs.own().split());
        return new CompiledSet(inputs, plan, Optional.of(NoTable.INSTANCE), Set.of(), Map.of(), Map.of(), problem);
    }

    private static Set<ObjectKey> keys(List<RouteRules> routes) {
        Set<ObjectKey> keys = new HashSet<>(routes.size() * 2);
        for (RouteRules route : routes) keys.add(route.route().key());
        return keys;
    }

    /** Matches nothing: for the time without any compiler. */
    private enum NoTable implements RouteTable {
        INSTANCE;

        @Override public int match(RequestHead head) {
            return NO_MATCH;
        }

        @Override public Explanation explain(RequestHead head) {
            return new Explanation(Optional.empty(), head.path(), List.of());
        }
    }
}
