package heddle.shell.internal;

import heddle.api.admin.ExecWorkloads;
import heddle.api.admin.MeshInspector;
import heddle.api.source.ManifestReader;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The services that commands ask; each may be away. */
final class Mesh {
    final AtomicReference<@Nullable MeshInspector> inspector = new AtomicReference<>();
    final AtomicReference<@Nullable ExecWorkloads> workloads = new AtomicReference<>();
    final AtomicReference<@Nullable ManifestReader> manifests = new AtomicReference<>();

    MeshInspector inspector() {
        return present(inspector.get(), "core has not started yet");
    }

    ExecWorkloads workloads() {
        return present(workloads.get(), "no source takes programs (heddle-source-file has not started)");
    }

    ManifestReader manifests() {
        return present(manifests.get(), "nobody reads manifests (heddle-source-file has not started)");
    }

    private static <T> T present(@Nullable T service, String otherwise) {
        if (service == null) throw new CommandFailure(CommandFailure.FAILED, otherwise);
        return service;
    }
}
