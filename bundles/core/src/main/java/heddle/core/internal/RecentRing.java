package heddle.core.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The last few requests of one kind, at most so many in a second. Written by event loops without waiting, read by anyone. */
final class RecentRing {
    private final AtomicReferenceArray<RecentRequest> slots;
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong kept;
    private final long pauseNanos;
    private final long budget;
    /** Not volatile: two loops that both find it passed keep two requests, nothing worse. */
    private long quietUntil = System.nanoTime();

    /** @param kept   characters that all rings hold together
     *  @param budget above which a ring keeps a few only */
    RecentRing(int slots, long pauseNanos, AtomicLong kept, long budget) {
        this.slots = new AtomicReferenceArray<>(slots);
        this.pauseNanos = pauseNanos;
        this.kept = kept;
        this.budget = budget;
    }

    boolean wants(long nanos) {
        return nanos - quietUntil >= 0;
    }

    void add(RecentRequest request, long nanos) {
        quietUntil = nanos + pauseNanos;
        int slots = kept.get() > budget ? Math.min(4, this.slots.length()) : this.slots.length();
        RecentRequest before = this.slots.getAndSet((int) (next.getAndIncrement() % slots), request);
        kept.addAndGet(request.size() - (before == null ? 0 : before.size()));
    }

    List<RecentRequest> all() {
        List<RecentRequest> all = new ArrayList<>();
        for (int i = 0; i < slots.length(); i++) {
            RecentRequest request = slots.get(i);
            if (request != null) all.add(request);
        }
        return all;
    }

    void clear() {
        for (int i = 0; i < slots.length(); i++) {
            RecentRequest before = slots.getAndSet(i, null);
            if (before != null) kept.addAndGet(-before.size());
        }
    }
}
