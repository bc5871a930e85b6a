package heddle.core.internal;

import heddle.api.identity.Client;
import heddle.api.match.RouteCompiler;
import heddle.api.model.Service;
import heddle.api.model.ServicePort;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Builds the frontends of a snapshot and carries over those whose inputs are the same instances. On the assembler thread. */
final class FrontendPlans {
    private static final Logger LOG = System.getLogger(FrontendPlans.class.getName());

    private final RulePlans rules;
    private final RecentRequests recent;
    private Map<FrontendKey, PortFrontend> current = Map.of();
    private Map<FrontendKey, PortFrontend.Sets> sets = Map.of();
    private Set<String> problems = Set.of();

    FrontendPlans(RulePlans rules, RecentRequests recent) {
        this.rules = rules;
        this.recent = recent;
    }

    /** @param rebuilt how many frontends were not carried over, new ones included
     *  @param changed whether the frontends differ from the last build's at all */
    record Result(Map<FrontendKey, PortFrontend> frontends, Map<FrontendKey, PortFrontend.Sets> sets, Set<String> problems, int rebuilt, boolean changed) {}

    Result build(World world, RouteSets routes, BackendResolver resolver, List<Ranked<RouteCompiler>> compilers, List<Client.Known> clients, long number) {
        Map<FrontendKey, PortFrontend> next = new LinkedHashMap<>();
        Map<FrontendKey, PortFrontend.Sets> nextSets = new HashMap<>();
        Set<String> nextProblems = new LinkedHashSet<>();
        int rebuilt = 0;
        for (Service service : world.services().values()) {
            if (service.clusterIps().isEmpty() || service.type().equals("ExternalName")) continue;
            for (ServicePort port : service.ports()) {
                if (!port.protocol().equals("TCP") && !port.protocol().equals("UDP")) continue;
                FrontendKey key = new FrontendKey(ServiceName.of(service), port.port(), port.protocol());
                PortFrontend.Sets made = sets(key, service, port, routes, resolver, compilers, nextProblems);
                PortFrontend before = current.get(key);
                boolean kept = before != null && before.sets().same(made);
                PortFrontend frontend = kept ? before : new PortFrontend(key, made, recent.log(key));
                if (!kept) rebuilt++;
                frontend.mark(number);
                frontend.prepare(clients);
                next.put(key, frontend);
                nextSets.put(key, made);
            }
        }
        boolean changed = rebuilt > 0 || next.size() != current.size();
        for (String problem : nextProblems) if (!problems.contains(problem)) LOG.log(Level.ERROR, problem);
        if (changed) recent.retain(next.keySet());
        current = next;
        sets = nextSets;
        problems = nextProblems;
        return new Result(next, nextSets, nextProblems, rebuilt, changed);
    }

    private PortFrontend.Sets sets(FrontendKey key, Service service, ServicePort port, RouteSets routes, BackendResolver resolver,
                                   List<Ranked<RouteCompiler>> compilers, Set<String> found) {
        Optional<PortFrontend.Sets> before = Optional.ofNullable(sets.get(key));
        HeldSplit own = rules.split(before.map(PortFrontend.Sets::own), List.of(resolver.own(service, port)));
        Optional<CompiledSet> producer = Optional.empty();
        Optional<SelectedSet> selectedProducer = Optional.empty();
        Map<String, CompiledSet> consumers = new HashMap<>();
        Map<String, SelectedSet> selectedConsumers = new HashMap<>();
        for (Map.Entry<SetId, List<RouteSets.Member>> entry : routes.of(key).entrySet()) {
            SetId id = entry.getKey();
            List<RouteRules> members = new ArrayList<>(entry.getValue().size());
            for (RouteSets.Member member : entry.getValue()) members.add(rules.rules(member.route()));
            SetInputs inputs = new SetInputs(key, id, members, AppProtocol.expected(port), own, compilers);
            if (id.selected()) {
                Optional<SelectedSet> known = before.flatMap(each -> id.consumer() ? Optional.ofNullable(each.selectedConsumers().get(id.namespace())) : each.selectedProducer());
                SelectedSet set = known.filter(each -> each.madeFrom(inputs)).orElseGet(() -> new SelectedSet(inputs,
                        entry.getValue().stream().map(member -> member.attachment().selector().orElseThrow()).toList()));
                if (id.consumer()) selectedConsumers.put(id.namespace(), set);
                else selectedProducer = Optional.of(set);
                set.compiled().stream().map(CompiledSet::problem).filter(problem -> !problem.isEmpty()).forEach(found::add);
            } else {
                Optional<CompiledSet> known = before.flatMap(each -> id.consumer() ? Optional.ofNullable(each.consumers().get(id.namespace())) : each.producer());
                CompiledSet set = compile(inputs, known);
                if (id.consumer()) consumers.put(id.namespace(), set);
                else producer = Optional.of(set);
                if (!set.problem().isEmpty()) found.add(set.problem());
            }
        }
        return new PortFrontend.Sets(service, port, own, producer, consumers, selectedProducer, selectedConsumers);
    }

    /** A compiler that throws leaves the last table in force, and without one every request is answered 500 (DESIGN.md, SPEC.md A13). */
    private static CompiledSet compile(SetInputs inputs, Optional<CompiledSet> before) {
        try {
            return SetCompiler.compile(inputs, before);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.DEBUG, "route compiler failed", e);
            String problem = "route compiler " + inputs.compilers().getFirst().service().name() + " failed on the " + inputs.set() + " set of "
                    + inputs.frontend() + ": " + e;
            return before.map(set -> set.withProblem(problem + "; its last table stays in force")).orElseGet(() -> SetCompiler.failed(inputs, problem));
        }
    }
}
