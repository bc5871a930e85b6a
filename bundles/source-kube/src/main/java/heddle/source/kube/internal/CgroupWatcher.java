package heddle.source.kube.internal;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashSet;
import java.util.Set;

/** Says when a pod's cgroup may have appeared, so that its first connect finds the mesh ready: kubelet makes the cgroup before it starts
 *  the first container, and the API server tells of it only later. inotify on the directories of {@link PodCgroups}; one daemon thread. */
final class CgroupWatcher implements AutoCloseable {
    private static final Logger LOG = System.getLogger(CgroupWatcher.class.getName());

    private final PodCgroups cgroups;
    private final Runnable onChange;
    private final WatchService watches;
    private final Set<Path> watched = new HashSet<>();

    CgroupWatcher(PodCgroups cgroups, Runnable onChange) throws IOException {
        this.cgroups = cgroups;
        this.onChange = onChange;
        this.watches = FileSystems.getDefault().newWatchService();
        register();
        Thread.ofPlatform().daemon().name("heddle-kube-cgroups").start(this::run);
    }

    @Override public void close() {
        try {
            watches.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing inotify: {0}", e.getMessage());
        }
    }

    private void run() {
        try {
            while (true) {
                WatchKey key = watches.take();
                key.pollEvents();
                if (!key.reset()) {
                    watched.remove((Path) key.watchable());
                }
                register();
                onChange.run();
            }
        } catch (InterruptedException | ClosedWatchServiceException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void register() {
        for (Path folder : concat(cgroups)) {
            if (watched.add(folder)) {
                try {
                    folder.register(watches, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE);
                } catch (IOException e) {
                    watched.remove(folder);
                }
            }
        }
    }

    private static Set<Path> concat(PodCgroups cgroups) {
        Set<Path> all = new HashSet<>(cgroups.ancestors());
        all.addAll(cgroups.folders());
        return all;
    }
}
