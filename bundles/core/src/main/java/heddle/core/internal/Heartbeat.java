package heddle.core.internal;

import heddle.api.forward.Forwarder;
import heddle.api.steer.Steering;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Tells the steering that every event loop turns: a loop that hangs stops the beat, and the kernel then does without the daemon
 *  (STEERING.md, section 3). A thread of its own, because the assembler may be busy for longer than a beat. */
final class Heartbeat implements AutoCloseable {
    static final long EVERY_MILLIS = 300;

    private final DataPlane plane;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "heddle-heartbeat");
        thread.setDaemon(true);
        return thread;
    });
    private CompletableFuture<Void> pass = CompletableFuture.completedFuture(null);

    Heartbeat(DataPlane plane) {
        this.plane = plane;
    }

    void start() {
        clock.scheduleWithFixedDelay(this::beat, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** One round: asks every loop to pass, unless the last round is still under way. */
    void beat() {
        Optional<Forwarder> forwarder = plane.forwarder();
        Optional<Steering> steering = plane.steering();
        if (forwarder.isEmpty() || steering.isEmpty() || !pass.isDone()) return;
        try {
            pass = forwarder.get().quiesce().toCompletableFuture().thenRun(() -> steering.get().heartbeat());
        } catch (RuntimeException e) {
            System.getLogger(Heartbeat.class.getName()).log(System.Logger.Level.DEBUG, "no heartbeat: " + e, e);
        }
    }

    @Override public void close() {
        clock.shutdownNow();
    }
}
