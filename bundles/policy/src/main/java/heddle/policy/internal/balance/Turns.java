package heddle.policy.internal.balance;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.SplittableRandom;

/** Counters that go up by one, a cache line each, chosen by the calling thread: event loops have ids in a row and so a counter of their
 *  own. Two threads on one counter may read the same number; nothing worse. No thread locals, which would keep a replaced bundle's
 *  classes alive on the loops. */
final class Turns {
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(int[].class);
    private static final int STRIPES = Math.clamp(Integer.highestOneBit(Runtime.getRuntime().availableProcessors() * 4 - 1), 4, 64);
    private static final int LINE = 16;                                    // ints in a cache line

    private final int[] cells = new int[STRIPES * LINE];

    /** Random starts, or every loop would begin with the same endpoint. */
    Turns() {
        SplittableRandom random = new SplittableRandom();
        for (int i = 0; i < STRIPES; i++) cells[i * LINE] = random.nextInt(1 << 16);
    }

    int next() {
        int cell = ((int) Thread.currentThread().threadId() & STRIPES - 1) * LINE;
        int turn = (int) CELL.getOpaque(cells, cell);
        CELL.setOpaque(cells, cell, turn + 1);
        return turn;
    }
}
