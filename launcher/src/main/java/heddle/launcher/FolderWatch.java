package heddle.launcher;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Calls back when a folder has changed and has then been quiet for a while; what changed the reader finds out itself, so that
 *  an overflow or a swap of symbolic links loses nothing. A daemon thread of its own; ends with {@link #close()}. */
final class FolderWatch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("heddle.launcher");
    private final WatchService watch;
    private final Thread thread;

    FolderWatch(String name, Path folder, Duration quiet, Runnable changed) throws IOException {
        this.watch = folder.getFileSystem().newWatchService();
        folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_DELETE);
        this.thread = Thread.ofPlatform().daemon().name(name).start(() -> follow(folder, quiet, changed));
    }

    private void follow(Path folder, Duration quiet, Runnable changed) {
        try {
            WatchKey key = watch.take();
            while (true) {
                key.pollEvents();
                if (!key.reset()) {
                    LOG.log(Level.WARNING, "{0} is gone and no longer watched", folder);
                    return;
                }
                WatchKey more = watch.poll(quiet.toMillis(), TimeUnit.MILLISECONDS);
                if (more == null) {
                    try {
                        changed.run();
                    } catch (RuntimeException failed) {
                        LOG.log(Level.ERROR, "cannot take over the changes in " + folder, failed);
                    }
                    more = watch.take();
                }
                key = more;
            }
        } catch (InterruptedException | ClosedWatchServiceException end) {
            // Closed.
        }
    }

    @Override public void close() {
        try {
            watch.close();
        } catch (IOException ignored) {
            // Nothing is left to free.
        }
        thread.interrupt();
    }
}
