package heddle.core.internal;

/** Time without what the whole process stood still for (a long collection, a stopped machine), which is no call's fault. */
final class WatchClock {
    private final long step;
    private long last;
    private volatile long stoodStill;

    /** @param step how often it is advanced, in nanoseconds */
    WatchClock(long step, long now) {
        this.step = step;
        this.last = now;
    }

    /** From the watchdog's thread at every look. */
    long advance(long now) {
        long passed = now - last;
        last = now;
        if (passed > 2 * step) stoodStill += passed - step;
        return now - stoodStill;
    }

    long now() {
        return System.nanoTime() - stoodStill;
    }
}
