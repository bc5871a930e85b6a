package heddle.core.internal;

import java.util.concurrent.atomic.AtomicLongArray;

/** Lease counters of up to {@value #SIZE} rules: one array an event loop, so that loops share no cache line (decision 0003). */
final class LeaseBlock {
    static final int SIZE = 64;

    private final AtomicLongArray[] loops;

    LeaseBlock(int stripes) {
        loops = new AtomicLongArray[stripes];
        for (int i = 0; i < stripes; i++) loops[i] = new AtomicLongArray(SIZE + 16);      // the tail keeps neighbours on the heap apart
    }

    void add(int loop, int slot, long amount) {
        loops[loop & (loops.length - 1)].getAndAdd(slot, amount);
    }

    long sum(int slot) {
        long sum = 0;
        for (AtomicLongArray loop : loops) sum += loop.get(slot);
        return sum;
    }

    /** Gives out the slots of blocks in turn. On the assembler thread. */
    static final class Source {
        private final int stripes;
        private LeaseBlock block;
        private int next;

        Source() {
            int processors = Math.min(Runtime.getRuntime().availableProcessors(), 64);
            stripes = Integer.highestOneBit(Math.max(1, processors * 2 - 1));
            block = new LeaseBlock(stripes);
        }

        Lease lease() {
            if (next == SIZE) {
                block = new LeaseBlock(stripes);
                next = 0;
            }
            return new Lease(block, next++);
        }
    }

    /** One rule's counters. */
    record Lease(LeaseBlock block, int slot) {
        void begin(int loop) {
            block.add(loop, slot, 1);
        }

        void end(int loop) {
            block.add(loop, slot, -1);
        }

        long held() {
            return block.sum(slot);
        }
    }
}
