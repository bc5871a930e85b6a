package heddle.core.internal;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLongArray;

/** Numbers in [0, bound) that are spread evenly over every short run and every regular sub-run: multiples of the golden ratio modulo 1
 *  (decision 0002). Any thread; threads advance cursors of their own, so no cache line is fought for. */
final class WeylCursor {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final int LINE = 16;
    private static final int STRIPES = Integer.highestOneBit(Math.max(1, Math.min(Runtime.getRuntime().availableProcessors(), 16) * 2 - 1));

    private final AtomicLongArray cursors = new AtomicLongArray(STRIPES * LINE);

    WeylCursor() {
        for (int i = 0; i < STRIPES; i++) cursors.set(i * LINE, ThreadLocalRandom.current().nextLong());
    }

    int next(int bound) {
        int stripe = (int) Thread.currentThread().threadId() & (STRIPES - 1);
        return (int) Math.unsignedMultiplyHigh(cursors.getAndAdd(stripe * LINE, GOLDEN), bound);
    }

    long next(long bound) {
        int stripe = (int) Thread.currentThread().threadId() & (STRIPES - 1);
        return Math.unsignedMultiplyHigh(cursors.getAndAdd(stripe * LINE, GOLDEN), bound);
    }
}
