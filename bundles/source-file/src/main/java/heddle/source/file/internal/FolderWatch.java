package heddle.source.file.internal;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Tells when something changed that may change the manifests: in their folders, where their links lead, and on the way to them (a folder
 *  that appears, a link that is swapped). Inotify through the JDK; nothing is polled. One thread waits, any may close. */
final class FolderWatch implements AutoCloseable {
    private static final WatchEvent.Kind<?>[] CONTENT = {StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY,
        StandardWatchEventKinds.ENTRY_DELETE};
    private static final WatchEvent.Kind<?>[] NAMES = {StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE};

    private final WatchService service;
    private final Map<Path, Watched> watched = new HashMap<>();

    /** A real folder: everything in it, or only some names (of the way to a manifest). */
    private record Watched(WatchKey key, @Nullable Object inode, boolean content, Set<Path> names) {}

    FolderWatch() throws IOException {
        service = FileSystems.getDefault().newWatchService();
    }

    /** Watches what decides about these roots and files; forgets the rest. Called again after each look at them, since links move.
     *  @return true when a watch began that was not there before
     *  @throws IOException when the system's limit of watches is reached */
    boolean follow(Set<Path> roots, Set<Path> files) throws IOException {
        Map<Path, Set<Path>> names = new HashMap<>();
        Set<Path> content = new HashSet<>();
        for (Path root : roots) {
            way(root, names);
            if (Files.isDirectory(root)) {
                real(root, content);
            } else if (root.getParent() != null) {
                real(root.getParent(), content);
            }
        }
        for (Path file : files) {
            if (Files.isSymbolicLink(file)) {
                try {
                    real(file.toRealPath().getParent(), content);
                } catch (IOException dangling) {
                    // its folder is watched already; the link will be replaced there
                }
            }
        }
        names.keySet().removeAll(content);
        watched.entrySet().removeIf(entry -> {
            boolean gone = !entry.getValue().key.isValid() || !Objects.equals(entry.getValue().inode, inode(entry.getKey())) || !content.contains(entry.getKey()) && !names.containsKey(entry.getKey());
            if (gone) {
                entry.getValue().key.cancel();
            }
            return gone;
        });
        boolean more = false;
        for (Path folder : content) {
            more |= watch(folder, true, Set.of());
        }
        for (Map.Entry<Path, Set<Path>> entry : names.entrySet()) {
            more |= watch(entry.getKey(), false, entry.getValue());
        }
        return more;
    }

    private boolean watch(Path folder, boolean content, Set<Path> names) throws IOException {
        Watched now = watched.get(folder);
        if (now != null && now.content == content && now.names.equals(names)) {
            return false;
        }
        try {
            Object inode = inode(folder);
            watched.put(folder, new Watched(folder.register(service, content ? CONTENT : NAMES), inode, content, names));
            return true;
        } catch (java.nio.file.NoSuchFileException | java.nio.file.NotDirectoryException | java.nio.file.AccessDeniedException e) {
            // went away meanwhile, which the watch of its parent tells; or may not be read: then listing it has said so
            return false;
        }
    }

    /** A watch stays with a folder that is renamed; one that takes its place is another. */
    private static @Nullable Object inode(Path folder) {
        try {
            return Files.readAttributes(folder, BasicFileAttributes.class).fileKey();
        } catch (IOException gone) {
            return null;
        }
    }

    /** The folders above a path, each with the name that leads on: whatever replaces one of them is noticed. */
    private static void way(Path path, Map<Path, Set<Path>> names) {
        for (Path at = path; at.getParent() != null; at = at.getParent()) {
            try {
                names.computeIfAbsent(at.getParent().toRealPath(), folder -> new HashSet<>()).add(at.getFileName());
            } catch (IOException notThereYet) {
                // its parent's watch tells when it comes
            }
        }
    }

    private static void real(Path folder, Set<Path> into) {
        try {
            into.add(folder.toRealPath());
        } catch (IOException notThereYet) {
            // as above
        }
    }

    /** Waits for a change that matters; then collects until nothing happened for {@code quiet} or {@code most} has passed.
     *  @return the names of changed files, or null when all must be looked at (too many events at once)
     *  @throws ClosedWatchServiceException when closed */
    @Nullable Set<Path> await(long quietMillis, long mostMillis) throws InterruptedException {
        Changes changes = new Changes();
        while (!changes.any) {
            changes.take(service.take());
        }
        collect(changes, quietMillis, mostMillis);
        return changes.names();
    }

    /** As {@link #await}, but returns after {@code quiet} also when nothing happens; empty = nothing happened. */
    @Nullable Set<Path> more(long quietMillis, long mostMillis) throws InterruptedException {
        Changes changes = new Changes();
        collect(changes, quietMillis, mostMillis);
        return changes.any ? changes.names() : Set.of();
    }

    private void collect(Changes changes, long quietMillis, long mostMillis) throws InterruptedException {
        long now = System.nanoTime();
        long end = now + TimeUnit.MILLISECONDS.toNanos(mostMillis);
        long quiet = now + TimeUnit.MILLISECONDS.toNanos(quietMillis);
        while (now < end && now < quiet) {
            WatchKey key = service.poll(Math.min(end, quiet) - now, TimeUnit.NANOSECONDS);
            now = System.nanoTime();
            if (key != null && changes.take(key)) {
                quiet = now + TimeUnit.MILLISECONDS.toNanos(quietMillis);
            }
        }
    }

    @Override public void close() throws IOException {
        service.close();
    }

    private final class Changes {
        private final Set<Path> names = new HashSet<>();
        private boolean any;
        private boolean all;

        /** True when one of the events matters. */
        boolean take(WatchKey key) {
            boolean matters = false;
            Watched from = watched.values().stream().filter(each -> each.key == key).findFirst().orElse(null);
            for (WatchEvent<?> event : key.pollEvents()) {
                if (event.kind() == StandardWatchEventKinds.OVERFLOW || !(event.context() instanceof Path name)) {
                    matters = true;
                    all = true;
                } else if (from == null || from.content || from.names.contains(name)) {
                    matters = true;
                    names.add(name.getFileName());
                }
            }
            matters |= !key.reset();
            any |= matters;
            return matters;
        }

        @Nullable Set<Path> names() {
            return all ? null : names;
        }
    }
}
