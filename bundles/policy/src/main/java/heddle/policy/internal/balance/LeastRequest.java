package heddle.policy.internal.balance;

import heddle.api.policy.Endpoint;
import heddle.api.policy.LoadBalancer;
import heddle.api.policy.Outcome;
import heddle.api.policy.PickContext;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Looks at two endpoints at random and takes the one with less work before it: requests in flight times how long a request takes there
 *  now. The latter is an average that forgets in {@link #MEMORY_NANOS} and jumps up at once when an endpoint gets slow. Without locks: loads
 *  live in a map that {@link #update} replaces as a whole, so a pick sees the old one or the new. */
final class LeastRequest implements LoadBalancer {
    private static final double MEMORY_NANOS = Duration.ofSeconds(10).toNanos();
    /** What a failure counts as at least; else an endpoint that refuses at once would look fast. */
    private static final double FAILURE_NANOS = Duration.ofSeconds(1).toNanos();
    /** Keeps requests in flight telling while nothing is known of the time. */
    private static final double LEAST_NANOS = 1_000;

    private final LongSupplier clock;
    private final IntUnaryOperator random;
    private volatile Map<Endpoint, Load> loads = Map.of();

    /** @param random gives a uniform number below its argument */
    LeastRequest(LongSupplier clock, IntUnaryOperator random) {
        this.clock = clock;
        this.random = random;
    }

    @Override public Endpoint pick(PickContext context) {
        List<Endpoint> ready = context.ready();
        Map<Endpoint, Load> known = loads;
        Endpoint picked = ready.size() == 1 ? ready.getFirst() : better(ready, context.tried(), known);
        Load load = known.get(picked);
        if (load != null) load.inFlight.incrementAndGet();
        return picked;
    }

    private Endpoint better(List<Endpoint> ready, List<Endpoint> tried, Map<Endpoint, Load> known) {
        int size = ready.size();
        int first = random.applyAsInt(size);
        int second = (first + 1 + random.applyAsInt(size - 1)) % size;
        if (!tried.isEmpty()) {
            first = untried(ready, tried, first);
            second = untried(ready, tried, second);
        }
        long now = clock.getAsLong();
        return cost(known.get(ready.get(second)), now) < cost(known.get(ready.get(first)), now) ? ready.get(second) : ready.get(first);
    }

    private static int untried(List<Endpoint> ready, List<Endpoint> tried, int from) {
        for (int i = 0; i < ready.size(); i++) {
            int at = (from + i) % ready.size();
            if (!tried.contains(ready.get(at))) return at;
        }
        return from;
    }

    /** An endpoint that no update has told of yet costs nothing. */
    private static double cost(@Nullable Load load, long now) {
        return load == null ? 0 : (load.nanos(now) + LEAST_NANOS) * (load.inFlight.get() + 1);
    }

    @Override public void update(List<Endpoint> ready) {
        Map<Endpoint, Load> before = loads;
        long now = clock.getAsLong();
        double usual = before.values().stream().mapToDouble(load -> load.nanos(now)).average().orElse(0);
        Map<Endpoint, Load> after = HashMap.newHashMap(ready.size());
        for (Endpoint endpoint : ready) {
            Load load = before.get(endpoint);
            after.put(endpoint, load != null ? load : new Load(usual, now));      // not zero, or every request would go to a new one at first
        }
        loads = after;
    }

    @Override public void onEnd(Endpoint endpoint, Outcome outcome, Duration elapsed) {
        Load load = loads.get(endpoint);
        if (load == null) return;
        load.inFlight.updateAndGet(count -> Math.max(0, count - 1));             // picked before it was known, or while it was away
        switch (outcome) {
            case COMPLETED -> load.observe(elapsed.toNanos(), clock.getAsLong());
            case CONNECT_FAILED, BROKEN_BEFORE_HEAD, BROKEN_AFTER_HEAD, TIMED_OUT ->
                load.observe(Math.max(elapsed.toNanos(), FAILURE_NANOS), clock.getAsLong());
            case ANSWERED, NO_ENDPOINT, CLIENT_GONE -> { }
        }
    }

    /** What is known of one endpoint. Two observations at once may lose one: it is an average. */
    private static final class Load {
        private final AtomicInteger inFlight = new AtomicInteger();
        private volatile Average average;

        private record Average(double nanos, long at) {}

        Load(double nanos, long now) {
            this.average = new Average(nanos, now);
        }

        /** Falls while nothing is heard, so that an endpoint which was slow once is asked again. */
        double nanos(long now) {
            Average last = average;
            return last.nanos * Math.exp(-Math.max(0, now - last.at) / MEMORY_NANOS);
        }

        void observe(double nanos, long now) {
            Average last = average;
            if (nanos > last.nanos) {
                average = new Average(nanos, now);
                return;
            }
            double kept = Math.exp(-Math.max(0, now - last.at) / MEMORY_NANOS);
            average = new Average(last.nanos * kept + nanos * (1 - kept), now);
        }
    }
}
