package heddle.source.kube.internal;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** Knows whether the API server answers. Whoever meets a broken connection waits here; one of the waiters asks {@code /version} with
 *  a jittered pause (0.1 s at first, then 0.2 to 0.4 s) for all of them, so that a server that comes back is not met by a crowd, and what was
 *  changed meanwhile is in force soon. A server that is silent, as when packets are lost, is met by a request of the Leases within some seconds; when
 *  {@code /version} gets no answer either, the connections are given up. Any thread. */
final class ApiGate {
    private static final Duration LONGEST = Duration.ofMillis(400);

    private final KubeApi api;
    private final Consumer<String> onClosed;
    private final Runnable onOpened;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition opened = lock.newCondition();
    private boolean open = true;
    private boolean asking;
    private volatile boolean stopped;

    /** @param onClosed told why, once each time that the server is lost
     *  @param onOpened told when it answers again */
    ApiGate(KubeApi api, Consumer<String> onClosed, Runnable onOpened) {
        this.api = api;
        this.onClosed = onClosed;
        this.onOpened = onOpened;
    }

    /** Comes back when the server answers again, or the gate is stopped. */
    void await(KubeException reason) throws InterruptedException {
        boolean ask = false;
        boolean first = false;
        lock.lockInterruptibly();
        try {
            first = open;
            open = false;
            ask = !asking;
            asking = true;
        } finally {
            lock.unlock();
        }
        if (first) {
            onClosed.accept(reason.getMessage());
        }
        if (ask) {
            try {
                askUntilAnswered();
            } finally {
                release();
            }
            onOpened.run();
            return;
        }
        lock.lockInterruptibly();
        try {
            while (!open && !stopped) {
                opened.await();
            }
        } finally {
            lock.unlock();
        }
    }

    void stop() {
        stopped = true;
        release();
    }

    private void askUntilAnswered() throws InterruptedException {
        long pause = 100;
        while (!stopped) {
            Thread.sleep(pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1));
            try {
                api.get("/version");
                return;
            } catch (KubeException e) {
                if (!e.unreachable()) {
                    return;
                }
                if (e.silent()) {
                    api.renew();
                }
            }
            pause = Math.min(LONGEST.toMillis(), pause * 2);
        }
    }

    private void release() {
        lock.lock();
        try {
            open = true;
            asking = false;
            opened.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
