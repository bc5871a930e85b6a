package heddle.steer.internal;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The one platform thread that enters other network namespaces and always comes home. A process whose thread cannot come home must not
 *  go on: it would make sockets in a stranger's namespace. */
final class NamespaceThread implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(NamespaceThread.class.getName());

    private final ExecutorService thread = Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("heddle-netns").factory());
    private final int home = Sys.open(Path.of("/proc/self/ns/net"));

    /** Runs {@code work} inside the namespace of the descriptor and waits for it. Not from that thread itself. */
    <T> T inside(int namespace, Callable<T> work) throws Exception {
        try {
            return thread.submit(() -> {
                Sys.enterNetworkNamespace(namespace);
                try {
                    return work.call();
                } finally {
                    goHome();
                }
            }).get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof Exception cause) throw cause;
            throw failed;
        }
    }

    private void goHome() {
        try {
            Sys.enterNetworkNamespace(home);
        } catch (RuntimeException lost) {
            LOG.log(System.Logger.Level.ERROR, "cannot return to the daemon''s network namespace, ending the process", lost);
            Runtime.getRuntime().halt(70);
        }
    }

    @Override public void close() {
        thread.close();
        Sys.close(home);
    }
}
