package heddle.shell.internal;

import heddle.api.admin.Drains;
import heddle.api.admin.MeshInspector;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What a change of bundles did to the mesh: begun before, waited for, told after. */
final class ChangeReport {
    /** Longer than a plugin may take to make a filter: ten times {@code plugins.budget}. */
    static final Duration LIMIT = Duration.ofSeconds(30);
    private static final long LOOK_MILLIS = 2;

    private final MeshInspector inspector;
    private final long generation;
    private final Drains drains;
    private final Set<String> missing;
    private final long start = System.nanoTime();

    private ChangeReport(MeshInspector inspector) {
        this.inspector = inspector;
        this.generation = inspector.status().generation();
        this.drains = inspector.drains();
        this.missing = Set.copyOf(inspector.status().notReady());
    }

    static ChangeReport begin(Mesh mesh) {
        return new ChangeReport(mesh.inspector());
    }

    /** Comes back when the mesh lacks nothing that it had before (a source that came has delivered) and that is in force.
     *  @param sofar what has been done, for the message when the limit passes */
    void awaitTakenUp(String sofar, Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        for (List<String> lacks = lacks(); !lacks.isEmpty(); lacks = lacks()) {
            if (System.nanoTime() - end > 0) throw late(sofar, limit, String.join("; ", lacks));
            Thread.sleep(LOOK_MILLIS);
        }
        awaitInForce(sofar, limit, end);
    }

    /** Comes back when what has come and gone is in force. */
    void awaitInForce(String sofar, Duration limit) throws InterruptedException {
        awaitInForce(sofar, limit, System.nanoTime() + limit.toNanos());
    }

    private void awaitInForce(String sofar, Duration limit, long end) throws InterruptedException {
        try {
            inspector.inForce().toCompletableFuture().get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException over) {
            throw late(sofar, limit, inspector.pending());
        } catch (ExecutionException failed) {
            throw new CommandFailure(CommandFailure.FAILED, sofar + ", but " + failed.getCause().getMessage() + " (the log says more)");
        }
    }

    private List<String> lacks() {
        return inspector.status().notReady().stream().filter(each -> !missing.contains(each)).toList();
    }

    private static CommandFailure late(String sofar, Duration limit, String pending) {
        return new CommandFailure(CommandFailure.FAILED, sofar + ", but that is not in force after " + limit.toSeconds() + " s" + (pending.isEmpty() ? "" : ": " + pending)
                + ". What was in force before goes on until it is; `heddle status` and `heddle plugins` tell how it goes");
    }

    /** {@code generation 12 -> 13, 4 leases and 0 connections drained, 0 requests failed, 0.12 s}. */
    String end() {
        Drains now = inspector.drains();
        return String.format(Locale.ROOT, "generation %d -> %d, %d leases and %d connections drained, %d requests failed, %.2f s", generation, inspector.status().generation(),
                now.leases() - drains.leases(), now.connections() - drains.connections(), now.failed() - drains.failed(), (System.nanoTime() - start) / 1e9);
    }
}
