package heddle.core.internal;

import heddle.api.model.BackendTrafficPolicy;
import heddle.api.plan.RetryBudget;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/** The retry budget of one Service (SPEC.md T8): of the tries of the last interval at most so many per cent may be retries, but a number of
 *  retries in a shorter interval is always allowed. Two loops at once may each take the last place; nothing worse. */
final class WindowedBudget implements RetryBudget {
    private final BackendTrafficPolicy.RetryConstraint constraint;
    private final Runnable refused;
    private final AtomicLong refusals = new AtomicLong();
    private final Window requests;
    private final Window retries;
    private final Window recentRetries;

    /** @param refused told of each refusal, on event loops */
    WindowedBudget(BackendTrafficPolicy.RetryConstraint constraint, LongSupplier clock, Runnable refused) {
        this.constraint = constraint;
        this.refused = refused;
        this.requests = new Window(clock, constraint.interval().toNanos());
        this.retries = new Window(clock, constraint.interval().toNanos());
        this.recentRetries = new Window(clock, constraint.minInterval().toNanos());
    }

    BackendTrafficPolicy.RetryConstraint constraint() {
        return constraint;
    }

    @Override public void request() {
        requests.add();
    }

    @Override public boolean retry() {
        if (recentRetries.sum() >= constraint.minCount() && !within()) {
            refusals.incrementAndGet();
            refused.run();
            return false;
        }
        retries.add();
        recentRetries.add();
        return true;
    }

    private boolean within() {
        long after = retries.sum() + 1;
        return after * 100 <= constraint.percent() * (requests.sum() + after);
    }

    /** {@code 12 retries of 340 tries in 10 s, 3 refused}: for explain. */
    @Override public String toString() {
        long again = retries.sum();
        return again + " retries of " + (requests.sum() + again) + " tries in " + constraint.interval().toMillis() / 1000.0 + " s, " + refusals.get() + " refused";
    }

    /** Counts what happened in the last interval, to a tenth of it. Wait-free but for a lost race at the turn of a slot. */
    private static final class Window {
        private static final int SLOTS = 10;
        private static final int COUNT_BITS = 32;

        private final LongSupplier clock;
        private final long slotNanos;
        private final long start;
        /** Each a slot's number and what was counted in it. */
        private final AtomicLongArray slots = new AtomicLongArray(SLOTS);

        Window(LongSupplier clock, long nanos) {
            this.clock = clock;
            this.slotNanos = Math.max(1, nanos / SLOTS);
            this.start = clock.getAsLong() - nanos;                // so that no slot's number is that of an empty one
        }

        private long number() {
            return (clock.getAsLong() - start) / slotNanos & 0x7fff_ffffL;
        }

        void add() {
            long now = number();
            int at = (int) (now % SLOTS);
            while (true) {
                long seen = slots.get(at);
                long next = seen >>> COUNT_BITS == now ? seen + 1 : now << COUNT_BITS | 1;
                if (slots.compareAndSet(at, seen, next)) return;
            }
        }

        long sum() {
            long now = number();
            long sum = 0;
            for (int i = 0; i < SLOTS; i++) {
                long seen = slots.get(i);
                if (now - (seen >>> COUNT_BITS) < SLOTS) sum += seen & 0xffff_ffffL;
            }
            return sum;
        }
    }
}
