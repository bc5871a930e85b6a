package heddle.steer.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Vose's alias method: exact weights (to 2^-32) in as many columns as there are choices, one random draw and at most two look-ups.
 *  @param keep  of each column, as an unsigned 32-bit number: a draw below it stays
 *  @param alias where the other draws go */
record AliasTable(long[] keep, int[] alias) {
    private static final double SCALE = 4294967296.0;

    /** @param weights all positive */
    static AliasTable of(List<Integer> weights) {
        int n = weights.size();
        long[] keep = new long[n];
        int[] alias = new int[n];
        double total = weights.stream().mapToLong(Integer::longValue).sum();
        double[] share = new double[n];
        Deque<Integer> small = new ArrayDeque<>();
        Deque<Integer> large = new ArrayDeque<>();
        for (int i = 0; i < n; i++) {
            share[i] = weights.get(i) * (double) n / total;
            alias[i] = i;
            keep[i] = 0xffffffffL;
            (share[i] < 1 ? small : large).addLast(i);
        }
        while (!small.isEmpty() && !large.isEmpty()) {
            int less = small.removeFirst();
            int more = large.peekFirst();
            keep[less] = Math.min(0xffffffffL, Math.round(share[less] * SCALE));
            alias[less] = more;
            share[more] -= 1 - share[less];
            if (share[more] < 1) small.addLast(large.removeFirst());
        }
        return new AliasTable(keep, alias);     // what is left over is 1 but for rounding: it keeps itself
    }
}
