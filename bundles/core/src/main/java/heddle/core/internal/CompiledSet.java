package heddle.core.internal;

import heddle.api.match.RouteTable;
import heddle.api.model.ObjectKey;
import heddle.api.plan.ClientPlan;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One route set of one Service port, ready to serve.
 *  @param table   of HTTP kinds
 *  @param inForce the routes that serve
 *  @param lost    those that do not, with the reason (SPEC.md P7, P9)
 *  @param refused rules that are not in the table, by route and rule index (SPEC.md S4)
 *  @param problem why a table older than its inputs serves, or "" */
record CompiledSet(SetInputs inputs, ClientPlan plan, Optional<RouteTable> table, Set<ObjectKey> inForce, Map<ObjectKey, String> lost,
                   Map<ObjectKey, Map<Integer, String>> refused, String problem) {
    /** Whether every route of the set serves with all its rules, so that there is nothing to say of any. */
    boolean clean() {
        return lost.isEmpty() && refused.isEmpty() && problem.isEmpty();
    }

    CompiledSet withProblem(String text) {
        return new CompiledSet(inputs, plan, table, inForce, lost, refused, text);
    }

    void mark(long build) {
        inputs.routes().forEach(route -> route.mark(build));
        inputs.own().mark(build);
    }
}
