package heddle.forward.internal;

import static java.lang.System.Logger.Level.WARNING;

import heddle.api.plan.BackendPlan;
import heddle.api.plan.Failure;
import heddle.api.policy.Endpoint;
import heddle.api.policy.Outcome;
import heddle.api.policy.PickContext;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Faults of code that the data path calls (filters, balancers, tables): logged at most once a second a cause. Any thread. */
final class Faults {
    static final Failure FILTER_THREW = new Failure(500, 13, "filter-fault", "a filter of the rule failed");
    static final Failure BALANCER = new Failure(500, 13, "balancer-fault", "the load balancer of the backend failed");
    private static final System.Logger LOG = System.getLogger("heddle.forward");
    private static final Map<String, Long> LAST = new ConcurrentHashMap<>();

    private Faults() {}

    /** The balancer's choice; null, and noted, when it fails to choose. */
    static @Nullable Endpoint pick(BackendPlan backend, PickContext context) {
        try {
            Endpoint picked = backend.balancer().pick(context);
            if (picked != null) return picked;
            note("load balancer", new NullPointerException("pick gave null (expected: one of context.ready())"));
        } catch (RuntimeException | Error e) {
            note("load balancer", e);
        }
        return null;
    }

    /** Tells the balancer and the backend how a try ended.
     *  @param balanced the balancer chose the endpoint; else only the backend is told
     *  @param status   0 = none */
    static void tellEnd(BackendPlan backend, Endpoint endpoint, boolean balanced, Outcome outcome, int status, long nanos) {
        try {
            Duration elapsed = Duration.ofNanos(nanos);
            if (balanced) backend.balancer().onEnd(endpoint, outcome, elapsed);
            backend.ended(endpoint, outcome, status, elapsed);
        } catch (RuntimeException | Error e) {
            note("load balancer", e);
        }
    }

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
