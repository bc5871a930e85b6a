package heddle.api.steer;

import java.util.List;
import java.util.Map;

/** What {@code heddle status} shows of the steering.
 *  @param problems sentences with a next step; empty when all is well
 *  @param counters the kernel's or our own, by name */
public record SteeringStatus(String id, int places, int frontends, int workloads, List<String> problems, Map<String, Long> counters) {
    public SteeringStatus {
        problems = List.copyOf(problems);
        counters = Map.copyOf(counters);
    }
}
