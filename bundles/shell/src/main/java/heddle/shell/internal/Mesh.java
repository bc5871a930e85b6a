package heddle.shell.internal;

import heddle.api.admin.ExecWorkloads;
import heddle.api.admin.MeshInspector;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The services that commands ask; each may be away. */
final class Mesh {
    final AtomicReference<@Nullable MeshInspector> inspector = new AtomicReference<>();
    final AtomicReference<@Nullable ExecWorkloads> workloads = new AtomicReference<>();

    MeshInspector inspector() {
        return present(inspector.get(), "core has not started yet");
    }

    ExecWorkloads workloads() {
        return present(workloads.get(), "no source takes programs (heddle-source-file has not started)");
    }

    private static <T> T present(@Nullable T service, String otherwise) {
        if (service == null) throw new CommandFailure(CommandFailure.FAILED, otherwise);
        return service;
    }
}
