package heddle.steer.internal;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Tells at once when a cgroup comes, or gets its first process, so that a listener is there before that process can connect. inotify:
 *  the kernel marks {@code cgroup.events} as modified when a cgroup fills or empties. One daemon thread, which calls the consumer. */
final class CgroupWatch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(CgroupWatch.class.getName());

    private final WatchService watches;
    private final Consumer<Path> changed;
    private final Set<Path> watched = ConcurrentHashMap.newKeySet();

    /** @param changed gets the cgroup that came, or the one that something has happened in */
    CgroupWatch(Consumer<Path> changed) throws IOException {
        this.changed = changed;
        this.watches = FileSystems.getDefault().newWatchService();
        Thread.ofPlatform().daemon().name("heddle-steer-cgroups").start(this::run);
    }

    /** From now on, until the cgroup goes; returns false when it is not there (yet). */
    boolean watch(Path cgroup) {
        if (!watched.add(cgroup)) return true;
        try {
            Files.exists(cgroup.resolve("cgroup.events"));      // inotify knows only files that somebody has looked up
            cgroup.register(watches, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
            return true;
        } catch (IOException | ClosedWatchServiceException gone) {
            watched.remove(cgroup);
            return false;
        }
    }

    private void run() {
        try {
            while (true) {
                WatchKey key = watches.take();
                Path cgroup = (Path) key.watchable();
                Set<Path> paths = new HashSet<>();
                for (WatchEvent<?> event : key.pollEvents()) {
                    boolean came = event.kind() == StandardWatchEventKinds.ENTRY_CREATE && event.context() != null;
                    paths.add(came ? cgroup.resolve((Path) event.context()) : cgroup);
                }
                if (!key.reset()) watched.remove(cgroup);
                paths.forEach(this::tell);
            }
        } catch (InterruptedException | ClosedWatchServiceException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(Path path) {
        try {
            changed.accept(path);
        } catch (RuntimeException failed) {
            LOG.log(System.Logger.Level.WARNING, "cgroup " + path, failed);
        }
    }

    @Override public void close() {
        try {
            watches.close();
        } catch (IOException failed) {
            LOG.log(System.Logger.Level.DEBUG, "closing inotify: {0}", failed.getMessage());
        }
    }
}
