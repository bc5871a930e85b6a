package heddle.core.internal;

import heddle.api.isolation.Leash;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The calls of plugins' filters that run on event loops now ({@code @OnLoop}), one a loop at most. A loop writes two fields a call; the
 *  watchdog looks, and takes a call over its budget off the loop: it interrupts it and ends its loops. */
final class LoopCalls {
    private final WatchClock clock;
    private final List<Slot> slots = new CopyOnWriteArrayList<>();
    private final ThreadLocal<Slot> mine = ThreadLocal.withInitial(() -> {
        Slot slot = new Slot();
        slots.add(slot);
        return slot;
    });

    LoopCalls(WatchClock clock) {
        this.clock = clock;
    }

    /** @return what is to be told the call's end */
    Slot begin(PluginGuard guard, String what) {
        Slot slot = mine.get();
        slot.begin(guard, what, clock.now());
        return slot;
    }

    void look(long now) {
        for (Slot slot : slots) slot.look(now);
        slots.removeIf(slot -> !slot.thread.isAlive());
    }

    /** One event loop's thread. */
    static final class Slot {
        private final Thread thread = Thread.currentThread();
        private final long id = PluginThread.kernelId();
        /** Odd while a call runs. */
        private volatile long number;
        private volatile boolean pulled;
        private @Nullable PluginGuard guard;
        private String what = "";
        private long since;
        private int nested;
        private long seen;
        private @Nullable CallTime time;

        private void begin(PluginGuard by, String name, long now) {
            if (nested++ > 0) return;
            guard = by;
            what = name;
            since = now;
            number++;
        }

        /** @return whether the call was over its budget */
        boolean end() {
            if (--nested > 0) return false;
            number++;
            return pulled && release();
        }

        private synchronized boolean release() {
            boolean was = pulled;
            pulled = false;
            Leash.release(thread);
            if (was) Thread.interrupted();
            return was;
        }

        private void look(long now) {
            long running = number;
            if (running % 2 == 0) return;
            if (running != seen) {
                seen = running;
                time = null;
            }
            PluginGuard by = guard;
            String name = what;
            long begun = since;
            if (by == null || number != running || now - begun < by.limits().budgetNanos() / 4) return;
            PluginThread.Sample sample = PluginThread.sample(id);
            CallTime known = time;
            if (known == null) time = known = new CallTime(begun, now, sample);
            if (known.look(now, sample) <= by.limits().budgetNanos()) return;
            StackTraceElement[] stack = thread.getStackTrace();
            synchronized (this) {
                pulled = true;                                       // before the second look: an end that comes after it waits for this lock
                if (number != running) {
                    pulled = false;
                    return;
                }
                by.condemn(name + " ran longer than " + by.limits().budget() + ", on the event loop", stack);   // first: its next call is refused
                Leash.pull(thread);
                thread.interrupt();
            }
        }
    }
}
