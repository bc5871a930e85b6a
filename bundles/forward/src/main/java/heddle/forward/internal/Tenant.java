package heddle.forward.internal;

import java.util.concurrent.atomic.AtomicLongArray;

/** What the clients of one namespace take of the forwarder, so that one of them cannot take all of it. Each event loop counts in cells of
 *  its own and looks at the others' only when it alone holds more than its share, so a count costs a plain write. Loops that count at the
 *  same moment may together pass the limit by a few. */
final class Tenant {
    /** What is limited. */
    enum Kind { CONNECTIONS, REQUESTS, BYTES }

    private static final Kind[] KINDS = Kind.values();
    /** Cells of two loops share no cache line. */
    private static final int STRIDE = 16;
    private final AtomicLongArray cells;
    private final int loops;

    Tenant(int loops) {
        this.loops = loops;
        this.cells = new AtomicLongArray((loops + 1) * STRIDE);
    }

    /** On the loop. False, and counted as refused, when there would be more than {@code limit}; 0: no limit. */
    boolean take(int loop, Kind kind, long amount, long limit) {
        int cell = cell(loop, kind);
        long mine = cells.getPlain(cell) + amount;
        if (limit > 0 && mine > limit / loops && sum(kind) + amount > limit) {
            int refused = cell + KINDS.length;
            cells.setOpaque(refused, cells.getPlain(refused) + 1);
            return false;
        }
        cells.setOpaque(cell, mine);
        return true;
    }

    /** On the loop that took it. */
    void give(int loop, Kind kind, long amount) {
        int cell = cell(loop, kind);
        cells.setOpaque(cell, cells.getPlain(cell) - amount);
    }

    long sum(Kind kind) {
        long sum = 0;
        for (int loop = 0; loop < loops; loop++) sum += cells.getOpaque(cell(loop, kind));
        return sum;
    }

    long refused(Kind kind) {
        long sum = 0;
        for (int loop = 0; loop < loops; loop++) sum += cells.getOpaque(cell(loop, kind) + KINDS.length);
        return sum;
    }

    private static int cell(int loop, Kind kind) {
        return (loop + 1) * STRIDE + kind.ordinal();
    }
}
