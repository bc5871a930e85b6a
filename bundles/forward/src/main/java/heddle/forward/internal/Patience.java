package heddle.forward.internal;

/** How long a client may keep a connection waiting. Moving the time is one write: the wheel holds an entry all along that looks at
 *  least every five seconds. Its event loop only. */
final class Patience extends Deadlines.Entry {
    private static final long LOOK = 5_000_000_000L;
    private static final long AGAIN = 1_000_000_000L;

    private final Loop loop;
    private final Runnable overdue;
    private long dueNanos;
    private boolean over;

    /** @param overdue told at the time, and each second after it until the time is moved or this has {@link #end}ed */
    Patience(Loop loop, Runnable overdue) {
        this.loop = loop;
        this.overdue = overdue;
    }

    /** The client must have gone on by then.
     *  @param nanos from now; 0 = it may take as long as it likes */
    void within(long nanos) {
        dueNanos = nanos == 0 ? 0 : System.nanoTime() + nanos;
    }

    /** The same, looked at in time however short it is. */
    void exactly(long nanos) {
        within(nanos);
        loop.slowDeadlines.set(this, dueNanos);
    }

    /** We are the ones to go on. */
    void ours() {
        dueNanos = 0;
    }

    void end() {
        over = true;
        loop.slowDeadlines.clear(this);
    }

    @Override void expired(long now) {
        long due = dueNanos;
        boolean late = due != 0 && due - now <= 0;
        if (late) overdue.run();
        if (!over) loop.slowDeadlines.set(this, late ? now + AGAIN : due == 0 ? now + LOOK : Math.min(due, now + LOOK));
    }
}
