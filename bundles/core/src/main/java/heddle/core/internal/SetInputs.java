package heddle.core.internal;

import heddle.api.match.RouteCompiler;
import heddle.api.plan.ClientPlan;
import java.util.List;
import java.util.Optional;

/** All that one route set's plan is made from. Parts are compared by identity: equal values that are new instances were edited.
 *  @param routes    every route of the set on this port, of all kinds
 *  @param expect    of the port; only HTTP kinds ask
 *  @param own       the Service's own endpoints, for connections that speak no HTTP
 *  @param compilers best first */
record SetInputs(FrontendKey frontend, SetId set, List<RouteRules> routes, Optional<ClientPlan.Expect> expect, HeldSplit own,
                 List<Ranked<RouteCompiler>> compilers) {
    boolean same(SetInputs other) {
        return own == other.own && expect.equals(other.expect) && compilers.equals(other.compilers) && sameRoutes(other);
    }

    private boolean sameRoutes(SetInputs other) {
        if (routes.size() != other.routes.size()) return false;
        for (int i = 0; i < routes.size(); i++) if (routes.get(i) != other.routes.get(i)) return false;
        return true;
    }

    /** Whether a table compiled for the other inputs serves these too: the same matches in the same places. */
    boolean sameTable(SetInputs other) {
        if (routes.size() != other.routes.size() || !compilers.equals(other.compilers)) return false;
        for (int i = 0; i < routes.size(); i++) {
            RouteRules one = routes.get(i);
            RouteRules two = other.routes.get(i);
            boolean plain = one.predicates().stream().allMatch(List::isEmpty) && two.predicates().stream().allMatch(List::isEmpty);
            if (one.route() != two.route() || (!plain && one != two)) return false;
        }
        return true;
    }
}
