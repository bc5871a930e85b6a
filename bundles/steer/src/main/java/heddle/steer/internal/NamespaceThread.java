package heddle.steer.internal;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The one platform thread that enters other network namespaces and always comes home. A process whose thread cannot come home must not
 *  go on: it would make sockets in a stranger's namespace. The thread ends when nobody has needed it for a while: connections that are
 *  still served when the steering has ended need it too. */
final class NamespaceThread {
    private static final System.Logger LOG = System.getLogger(NamespaceThread.class.getName());
    private static final long REST_SECONDS = 10;

    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(1, 1, REST_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("heddle-netns").factory());
    private final HeldNamespace home = new HeldNamespace(Sys.open(Path.of("/proc/self/ns/net")));

    NamespaceThread() {
        thread.allowCoreThreadTimeOut(true);
    }

    /** Runs {@code work} inside the namespace and waits for it. Not from that thread itself. */
    <T> T inside(HeldNamespace namespace, Callable<T> work) throws Exception {
        try {
            return thread.submit(() -> {
                namespace.enter();
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
            home.enter();
        } catch (RuntimeException lost) {
            LOG.log(System.Logger.Level.ERROR, "cannot return to the daemon''s network namespace, ending the process", lost);
            Runtime.getRuntime().halt(70);
        }
    }
}
