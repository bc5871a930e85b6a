package heddle.steer.internal;

import java.lang.ref.Cleaner;

/** The descriptor of a network namespace; it keeps the namespace alive. Closed at once when its programs are gone; when the steering ends
 *  it stays for the connections that a forwarder still serves, and goes with the last place that holds it. Any thread. */
final class HeldNamespace implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final int descriptor;
    private final Cleaner.Cleanable closing;
    private boolean closed;

    HeldNamespace(int descriptor) {
        this.descriptor = descriptor;
        this.closing = CLEANER.register(this, () -> Sys.close(descriptor));
    }

    /** Enters it with the calling thread.
     *  @throws IllegalStateException when it is closed: its descriptor may be somebody else's by now */
    synchronized void enter() {
        if (closed) throw new IllegalStateException("the network namespace is gone");
        Sys.enterNetworkNamespace(descriptor);
        java.lang.ref.Reference.reachabilityFence(this);
    }

    @Override public synchronized void close() {
        closed = true;
        closing.clean();
    }
}
