package heddle.forward.internal;

import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Deadlines of one event loop in a wheel: setting and clearing one costs a few links, and the loop is woken by a tick only while any
 *  is set. A deadline fires at its time or up to one tick later. Its loop only. */
final class Deadlines {
    /** Something with a deadline; in at most one wheel. */
    abstract static class Entry {
        private @Nullable Entry before;
        private @Nullable Entry after;
        private long dueNanos;
        private int slot = -1;

        /** The deadline has passed; the entry is no longer in the wheel and may be set again. */
        abstract void expired(long nowNanos);
    }

    private final EventLoop loop;
    private final long tickNanos;
    private final @Nullable Entry[] slots;
    private int size;
    private boolean ticking;
    private long lastTick;
    private boolean stopped;

    Deadlines(EventLoop loop, long tickNanos, int powerOfTwoSlots) {
        this.loop = loop;
        this.tickNanos = tickNanos;
        this.slots = new Entry[powerOfTwoSlots];
    }

    void set(Entry entry, long dueNanos) {
        if (entry.slot >= 0) unlink(entry);
        if (!ticking) {
            lastTick = System.nanoTime() / tickNanos;
            ticking = true;
            schedule();
        }
        entry.dueNanos = dueNanos;
        long tick = Math.max(dueNanos / tickNanos, lastTick) + 1;
        int slot = (int) tick & slots.length - 1;
        entry.slot = slot;
        Entry head = slots[slot];
        entry.after = head;
        entry.before = null;
        if (head != null) head.before = entry;
        slots[slot] = entry;
        size++;
    }

    void clear(Entry entry) {
        if (entry.slot >= 0) unlink(entry);
    }

    void stop() {
        stopped = true;
    }

    private void unlink(Entry entry) {
        Entry before = entry.before;
        Entry after = entry.after;
        if (before == null) slots[entry.slot] = after;
        else before.after = after;
        if (after != null) after.before = before;
        entry.before = null;
        entry.after = null;
        entry.slot = -1;
        size--;
    }

    private void schedule() {
        if (!loop.isShuttingDown()) loop.schedule(this::tick, tickNanos, TimeUnit.NANOSECONDS);
    }

    private void tick() {
        long now = System.nanoTime();
        long nowTick = now / tickNanos;
        long from = Math.max(lastTick + 1, nowTick - slots.length + 1);
        lastTick = nowTick;
        for (long tick = from; tick <= nowTick; tick++) expire((int) tick & slots.length - 1, now);
        ticking = size > 0 && !stopped;
        if (ticking) schedule();
    }

    private void expire(int slot, long now) {
        Entry due = null;
        for (Entry entry = slots[slot]; entry != null; ) {
            Entry after = entry.after;
            if (entry.dueNanos - now <= 0) {
                unlink(entry);
                entry.after = due;                                          // collected first: an expiry may set and clear others
                due = entry;
            }
            entry = after;
        }
        while (due != null) {
            Entry entry = due;
            due = entry.after;
            entry.after = null;
            entry.expired(now);
        }
    }
}
