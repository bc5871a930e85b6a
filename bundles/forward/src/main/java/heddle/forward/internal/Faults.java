package heddle.forward.internal;

import static java.lang.System.Logger.Level.WARNING;

import heddle.api.plan.Failure;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Faults of code that the data path calls (filters, balancers, tables): logged at most once a second a cause. Any thread. */
final class Faults {
    static final Failure FILTER_THREW = new Failure(500, 13, "filter-fault", "a filter of the rule failed");
    static final Failure BALANCER = new Failure(500, 13, "balancer-fault", "the load balancer of the backend failed");
    private static final System.Logger LOG = System.getLogger("heddle.forward");
    private static final Map<String, Long> LAST = new ConcurrentHashMap<>();

    private Faults() {}

    static void note(String who, Throwable fault) {
        long now = System.nanoTime();
        boolean[] say = new boolean[1];
        LAST.compute(who + fault.getClass().getName(), (key, last) -> {
            say[0] = last == null || now - last > 1_000_000_000L;
            return say[0] ? now : last;
        });
        if (LAST.size() > 1000) LAST.clear();
        if (say[0]) LOG.log(WARNING, who + " failed: its request is answered 500", fault);
    }
}
