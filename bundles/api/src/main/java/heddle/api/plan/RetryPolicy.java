package heddle.api.plan;

import java.util.List;

/** HTTPRouteRetry in force (SPEC.md T4 to T6), or what a GRPCRoute's annotations say. Connection errors and timeouts of a try are always
 *  retried.
 *  @param codes        HTTP status codes
 *  @param grpcCodes    gRPC status codes, when they come before the response's headers went on
 *  @param attempts     retries after the first try
 *  @param backoffNanos least wait before a retry; the forwarder adds jitter */
public record RetryPolicy(List<Integer> codes, List<Integer> grpcCodes, int attempts, long backoffNanos) {
    public RetryPolicy {
        codes = List.copyOf(codes);
        grpcCodes = List.copyOf(grpcCodes);
    }
}
