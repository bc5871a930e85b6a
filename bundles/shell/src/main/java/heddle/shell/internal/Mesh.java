package heddle.shell.internal;

import heddle.api.admin.ExecWorkloads;
import heddle.api.admin.MeshInspector;
import heddle.api.source.ManifestReader;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The services that commands ask; each may be away. */
final class Mesh {
    final AtomicReference<@Nullable MeshInspector> inspector = new AtomicReference<>();
    final AtomicReference<@Nullable ExecWorkloads> workloads = new AtomicReference<>();
    final AtomicReference<@Nullable ManifestReader> manifests = new AtomicReference<>();

    private final ReentrantLock changing = new ReentrantLock();

    interface Change {
        void make() throws InterruptedException;
    }

    /** One change of bundles after the other: of two opposite swaps at once each would stop what the other has started, and each would report what both did. */
    void change(Change change) throws InterruptedException {
        if (!changing.tryLock(ChangeReport.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new CommandFailure(CommandFailure.FAILED, "nothing was done: another change of bundles is still under way (`heddle plugins` tells how it goes); try again when it is over");
        }
        try {
            change.make();
        } finally {
            changing.unlock();
        }
    }

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
