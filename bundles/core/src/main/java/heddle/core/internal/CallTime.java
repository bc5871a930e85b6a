package heddle.core.internal;

/** How long a call has run of its own accord: while it could run, the time that a processor gave it; while it waited for something, the
 *  time that passed. So a busy machine makes no plugin look slow. Fed by the watchdog's looks. */
final class CallTime {
    private long looked;
    private long cpu;
    private long own;

    /** @param since begin of the call, on the watchdog's clock */
    CallTime(long since, long now, PluginThread.Sample sample) {
        looked = now;
        cpu = sample.cpuNanos();
        own = sample.runnable() ? Math.min(now - since, sample.cpuNanos()) : now - since;
    }

    long look(long now, PluginThread.Sample sample) {
        long passed = Math.max(0, now - looked);
        own += sample.runnable() ? Math.clamp(sample.cpuNanos() - cpu, 0, passed) : passed;
        looked = now;
        cpu = sample.cpuNanos();
        return own;
    }

    long own() {
        return own;
    }
}
