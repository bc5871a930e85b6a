package heddle.api.forward;

import java.util.Map;

/** What {@code heddle status} shows of the forwarder; counters by name. */
public record ForwarderStatus(String name, int loops, long connections, long requestsInFlight, Map<String, Long> counters) {
    public ForwarderStatus {
        counters = Map.copyOf(counters);
    }
}
