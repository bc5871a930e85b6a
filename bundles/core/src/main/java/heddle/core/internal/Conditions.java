package heddle.core.internal;

import heddle.api.model.ObjectKey;
import heddle.api.model.Route;
import heddle.api.model.ServicePort;
import heddle.api.source.Condition;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The conditions of a route at one parent (SPEC.md §8). Pure. */
final class Conditions {
    private final Map<FrontendKey, PortFrontend.Sets> sets;

    Conditions(Map<FrontendKey, PortFrontend.Sets> sets) {
        this.sets = sets;
    }

    /** One attachment's conditions and the ports on which the route is in force. */
    record Verdict(List<Condition> conditions, List<Integer> ports) {
        Verdict {
            conditions = List.copyOf(conditions);
            ports = List.copyOf(ports);
        }
    }

    /** Whether no set that the attachments lead to has anything to say of its routes: then conditions follow from the route alone. */
    boolean clean(List<Attachment> attachments) {
        for (Attachment attachment : attachments) {
            if (attachment.selector().isPresent()) return false;
            for (ServicePort port : attachment.ports()) {
                for (CompiledSet set : compiled(attachment, port)) if (!set.clean()) return false;
            }
        }
        return true;
    }

    Verdict judge(Attachment attachment, RouteRules rules) {
        Route route = attachment.route();
        long generation = route.metadata().generation();
        List<Integer> ports = new ArrayList<>();
        Map<Integer, String> lost = new TreeMap<>();
        Map<Integer, RouteRules.Broken> invalid = new TreeMap<>(rules.broken());
        Set<String> notes = new LinkedHashSet<>();
        if (!attachment.message().isEmpty()) notes.add(attachment.message());
        for (ServicePort port : attachment.ports()) look(attachment, port, ports, lost, invalid, notes);
        lost.forEach((port, why) -> notes.add((attachment.ports().size() > 1 ? "not in force on port " + port + ": " : "") + why));

        boolean allInvalid = !rules.rules().isEmpty() && invalid.size() >= rules.rules().size();
        List<Condition> conditions = new ArrayList<>();
        String reason = !attachment.accepted() ? attachment.reason() : allInvalid ? invalid.values().iterator().next().reason()
                : ports.isEmpty() ? "Conflicted" : Attachment.ACCEPTED;
        if (allInvalid) invalid.values().forEach(broken -> notes.add(broken.message()));
        boolean accepted = reason.equals(Attachment.ACCEPTED);
        conditions.add(new Condition("Accepted", accepted ? "True" : "False", reason, String.join("; ", notes), generation));
        if (rules.refs().isEmpty()) {
            conditions.add(new Condition("ResolvedRefs", "True", "ResolvedRefs", "", generation));
        } else {
            String message = rules.refs().stream().map(BackendResolver.RefProblem::message).distinct().collect(Collectors.joining("; "));
            conditions.add(new Condition("ResolvedRefs", "False", rules.refs().getFirst().reason(), message, generation));
        }
        if (accepted && !invalid.isEmpty()) {
            String message = invalid.entrySet().stream().map(each -> "Dropped Rule " + each.getKey() + ": " + each.getValue().message())
                    .collect(Collectors.joining("; "));
            conditions.add(new Condition("PartiallyInvalid", "True", invalid.values().iterator().next().reason(), message, generation));
        }
        return new Verdict(conditions, accepted || allInvalid ? ports : List.of());
    }

    /** What the sets of one port say of the route. */
    private void look(Attachment attachment, ServicePort port, List<Integer> ports, Map<Integer, String> lost,
                      Map<Integer, RouteRules.Broken> invalid, Set<String> notes) {
        ObjectKey key = attachment.route().key();
        boolean serves = false;
        for (CompiledSet set : compiled(attachment, port)) {
            serves |= set.inForce().contains(key);
            if (set.lost().containsKey(key)) lost.put(port.port(), set.lost().get(key));
            set.refused().getOrDefault(key, Map.of()).forEach((rule, why) ->
                    invalid.putIfAbsent(rule, new RouteRules.Broken("UnsupportedValue", key + " rule " + rule + ": " + why)));
            if (!set.problem().isEmpty()) notes.add(set.problem());
        }
        if (serves) {
            ports.add(port.port());
            lost.remove(port.port());
        }
    }

    private List<CompiledSet> compiled(Attachment attachment, ServicePort port) {
        PortFrontend.Sets here = sets.get(new FrontendKey(ServiceName.of(attachment.service()), port.port(), port.protocol()));
        if (here == null) return List.of();
        SetId id = attachment.set();
        if (id.selected()) {
            SelectedSet set = id.consumer() ? here.selectedConsumers().get(id.namespace()) : here.selectedProducer().orElse(null);
            return set == null ? List.of() : set.bySelector();
        }
        CompiledSet set = id.consumer() ? here.consumers().get(id.namespace()) : here.producer().orElse(null);
        return set == null ? List.of() : List.of(set);
    }
}
