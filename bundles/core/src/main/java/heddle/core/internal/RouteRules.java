package heddle.core.internal;

import heddle.api.match.Candidate;
import heddle.api.model.Route;
import heddle.api.model.RouteMatch;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One route's rules, resolved.
 *  @param matches    by rule, HTTPRoute and GRPCRoute only
 *  @param predicates by rule: vendors' conditions
 *  @param stream     the backends of a TLSRoute, TCPRoute or UDPRoute
 *  @param refs       backendRefs and ExtensionRefs that do not resolve
 *  @param broken     rules that answer 500, with the reason */
record RouteRules(Route route, List<HeldRule> rules, List<List<? extends RouteMatch>> matches, List<List<Candidate.NamedPredicate>> predicates,
                  Optional<HeldSplit> stream, List<BackendResolver.RefProblem> refs, Map<Integer, Broken> broken) {
    RouteRules {
        rules = List.copyOf(rules);
        refs = List.copyOf(refs);
        broken = Map.copyOf(broken);
    }

    /** @param reason a condition reason: UnsupportedValue, IncompatibleFilters or Pending */
    record Broken(String reason, String message) {}

    void mark(long build) {
        for (HeldRule rule : rules) rule.mark(build);
        if (stream.isPresent()) stream.get().mark(build);
    }
}
