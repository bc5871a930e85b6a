package heddle.steer.internal;

import java.lang.ref.Cleaner;

/** The descriptor of a network namespace; it keeps the namespace alive. Closed at once when its programs are gone; when the steering ends
 *  it stays for the connections that a forwarder still serves, and goes with the last place that holds it. Any thread. */
final class HeldNamespace implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final int descriptor;
    private final Cleaner.Cleanable closing;

    HeldNamespace(int descriptor) {
        this.descriptor = descriptor;
        this.closing = CLEANER.register(this, () -> Sys.close(descriptor));
    }

    /** Enters it with the calling thread. */
    void enter() {
        Sys.enterNetworkNamespace(descriptor);
        java.lang.ref.Reference.reachabilityFence(this);
    }

    @Override public void close() {
        closing.clean();
    }
}
