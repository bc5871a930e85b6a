package heddle.api.plan;

import java.util.List;
import java.util.function.BooleanSupplier;

/** HTTPRouteRetry in force (SPEC.md T4 to T6, T8).
 *  @param attempts     retries after the first try
 *  @param backoffNanos least wait before a retry; the forwarder adds jitter
 *  @param budget       asked before each retry; false = over budget, answer 503 */
public record RetryPolicy(List<Integer> codes, int attempts, long backoffNanos, BooleanSupplier budget) {
    public RetryPolicy {
        codes = List.copyOf(codes);
    }
}
