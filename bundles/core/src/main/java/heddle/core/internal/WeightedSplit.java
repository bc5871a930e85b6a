package heddle.core.internal;

import heddle.api.plan.BackendPlan;
import heddle.api.plan.Failure;
import heddle.api.plan.Split;
import java.util.List;

/** Chooses among backendRefs by weight (SPEC.md B1, B2, B4): exact over short runs, wait-free, without a shared counter. */
final class WeightedSplit implements Split {
    private final List<Share> shares;
    private final BackendPlan[] backends;
    private final long[] ends;
    private final long total;
    private final BackendPlan only;
    private final WeylCursor cursor;

    /** @param shares as written; empty, or all of weight 0: every request is answered {@link Failure#NO_BACKEND} */
    WeightedSplit(List<Share> shares) {
        this.shares = List.copyOf(shares);
        List<Share> chosen = shares.stream().filter(share -> share.weight() > 0).toList();
        backends = new BackendPlan[chosen.size()];
        ends = new long[chosen.size()];
        long sum = 0;
        for (int i = 0; i < backends.length; i++) {
            backends[i] = chosen.get(i).backend();
            ends[i] = sum += chosen.get(i).weight();
        }
        total = sum;
        cursor = backends.length > 1 ? new WeylCursor() : NO_CURSOR;
        only = backends.length == 0 ? FailedBackend.NONE : backends[0];
    }

    private static final WeylCursor NO_CURSOR = new WeylCursor();

    /** @param weight as written; 0 = none */
    record Share(BackendPlan backend, int weight) {}

    List<Share> shares() {
        return shares;
    }

    @Override public BackendPlan next() {
        if (backends.length <= 1) return only;
        long at = cursor.next(total);
        int i = 0;
        while (at >= ends[i]) i++;
        return backends[i];
    }
}
