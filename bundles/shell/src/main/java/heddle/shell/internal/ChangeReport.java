package heddle.shell.internal;

import heddle.api.admin.Drains;
import heddle.api.admin.MeshInspector;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/** What a change of bundles did to the mesh: begun before, told after. */
final class ChangeReport {
    private final MeshInspector inspector;
    private final long generation;
    private final Drains drains;
    private final long start = System.nanoTime();

    private ChangeReport(MeshInspector inspector) {
        this.inspector = inspector;
        this.generation = inspector.status().generation();
        this.drains = inspector.drains();
    }

    static ChangeReport begin(Mesh mesh) {
        return new ChangeReport(mesh.inspector());
    }

    /** {@code generation 12 -> 13, 4 leases and 0 connections drained, 0 requests failed, 0.12 s}. */
    String end() {
        // a service that came is in force when core's joining time (50 ms) is over; some changes make no new generation
        for (long limit = System.nanoTime() + 150_000_000L; inspector.status().generation() == generation && System.nanoTime() < limit; ) LockSupport.parkNanos(2_000_000);
        Drains now = inspector.drains();
        return String.format(Locale.ROOT, "generation %d -> %d, %d leases and %d connections drained, %d requests failed, %.2f s", generation, inspector.status().generation(),
                now.leases() - drains.leases(), now.connections() - drains.connections(), now.failed() - drains.failed(), (System.nanoTime() - start) / 1e9);
    }
}
