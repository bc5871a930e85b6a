package heddle.core.internal;

import heddle.api.plan.ClientPlan;
import heddle.api.plan.Split;
import java.util.List;
import java.util.Map;

/** TLSRoutes by server name: exact before the longest wildcard; no match and no name are closed (SPEC.md A11). */
record SniIndex(Map<String, Split> names) implements ClientPlan.SniTable {
    private static final Split NO_MATCH = new WeightedSplit(List.of(new WeightedSplit.Share(FailedBackend.NO_ROUTE, 1)));

    SniIndex {
        names = Map.copyOf(names);
    }

    @Override public Split find(String serverName) {
        Split exact = names.get(serverName);
        if (exact != null) return exact;
        for (int dot = serverName.indexOf('.'); dot >= 0; dot = serverName.indexOf('.', dot + 1)) {
            Split wildcard = names.get("*" + serverName.substring(dot));
            if (wildcard != null) return wildcard;
        }
        return NO_MATCH;
    }
}
