package heddle.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;

/** Third-party bundles: a jar that appears in the folder is installed and started, one that changes is replaced, one that goes is
 *  uninstalled. A file that is refused (no whole jar yet, no bundle, trust, cannot be resolved or started) leaves what was in force as it is, after
 *  a restart too, and is looked at again when it changes; one that lacks something also when another plugin comes. The framework and the
 *  checks read one private copy, never the file itself. Its own thread watches; the orders of the shell come on theirs. */
final class PluginFolder implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("heddle.launcher.plugins");
    private static final Duration QUIET = Duration.ofMillis(50);
    private final Path folder;
    private final PluginStore store;
    private final PluginBundles bundles;
    private final PluginTrust trust;
    private final Runnable takenUp;
    private final Map<Path, Known> known = new HashMap<>();
    /** Read beside an order that takes its time. */
    private final Map<Path, Refused> refused = new ConcurrentSkipListMap<>();
    private final FolderWatch watch;
    private boolean starting = true;
    private volatile boolean closed;
    private int taken;

    private record Stamp(long size, FileTime time, String key) {
        /** Of what is in force and in no file. */
        static final Stamp NONE = new Stamp(-1, FileTime.fromMillis(0), "");

        static Stamp of(Path jar) throws IOException {
            BasicFileAttributes file = Files.readAttributes(jar, BasicFileAttributes.class);
            return new Stamp(file.size(), file.lastModifiedTime(), String.valueOf(file.fileKey()));
        }
    }

    private record Known(Stamp stamp, Bundle bundle) {}

    /** A file that is not in force, and why. @param again it may be good though it does not change */
    private record Refused(Stamp stamp, String reason, boolean again) {}

    /** @param takenUp comes back when the mesh uses what was started last: a new version's source has delivered before the old one leaves */
    PluginFolder(Path folder, PluginStore store, PluginTrust trust, PluginBundles bundles, Runnable takenUp) throws IOException {
        this.folder = folder;
        this.store = store;
        this.trust = trust;
        this.bundles = bundles;
        this.takenUp = takenUp;
        Files.createDirectories(folder);
        this.watch = new FolderWatch("heddle-plugins", folder, QUIET, this::changed);
        scan();
    }

    private synchronized void changed() {
        if (!closed) scan();
    }

    private synchronized void scan() {
        List<Path> jars;
        try (Stream<Path> files = Files.list(folder)) {
            jars = files.filter(PluginFolder::isJar).sorted().toList();
        } catch (IOException | UncheckedIOException bad) {
            LOG.log(Level.WARNING, "cannot read {0}: {1}", folder, bad);
            return;
        }
        refused.keySet().retainAll(jars);
        for (Path gone : known.keySet().stream().filter(jar -> !jars.contains(jar)).toList()) uninstall(gone);
        int before;
        do {
            before = taken;
            for (Path jar : jars) look(jar);
        } while (taken != before);                              // one may bring what another lacked
        starting = false;
    }

    private static boolean isJar(Path file) {
        return file.getFileName().toString().endsWith(".jar") && !file.getFileName().toString().startsWith(".");
    }

    private void look(Path jar) {
        Stamp stamp;
        try {
            stamp = Stamp.of(jar);
        } catch (IOException gone) {
            LOG.log(Level.DEBUG, "{0} is gone again: {1}", jar, gone);
            return;
        }
        Known before = known.get(jar);
        Refused no = refused.get(jar);
        if (no == null ? before != null && before.stamp().equals(stamp) : no.stamp().equals(stamp) && !no.again()) return;
        try {
            Path copy = store.copy(jar);
            try {
                take(jar, copy, stamp, Optional.ofNullable(before));
            } finally {
                Files.deleteIfExists(copy);
            }
        } catch (NoSuchFileException gone) {
            LOG.log(Level.DEBUG, "{0} is gone again: {1}", jar, gone);
        } catch (IOException unreadable) {
            refuse(jar, new Refused(stamp, "it cannot be read: " + unreadable, true), Level.ERROR);
        }
    }

    private void take(Path jar, Path copy, Stamp stamp, Optional<Known> before) throws IOException {
        try {
            Bundle bundle = install(jar, copy);
            known.put(jar, new Known(stamp, bundle));
            refused.remove(jar);
            taken++;
            if (before.isPresent()) {
                takenUp.run();
                bundles.remove(before.get().bundle());
            }
            keep(jar, copy);
            LOG.log(Level.INFO, "plugin {0} bundle={1} version={2} id={3} file={4}", before.isPresent() ? "replaced" : "installed", bundle.getSymbolicName(), bundle.getVersion(),
                    bundle.getBundleId(), jar);
        } catch (PluginRefusedException no) {
            refuse(jar, new Refused(stamp, no.getMessage(), no.lacking()), no.getCause() instanceof IOException ? Level.WARNING : Level.ERROR);
            if (starting && before.isEmpty()) resume(jar, copy);
        }
    }

    private Bundle install(Path jar, Path copy) throws IOException, PluginRefusedException {
        PluginBundles.requireBundle(copy);
        trust.check(copy);
        return bundles.install(jar.getFileName().toString(), copy);
    }

    private void keep(Path jar, Path copy) {
        try {
            store.keep(jar.getFileName().toString(), copy);
        } catch (IOException bad) {
            LOG.log(Level.WARNING, "plugin file={0} is in force, but there will be no way back to it: {1}", jar, bad);
        }
    }

    private void refuse(Path jar, Refused no, Level level) {
        if (no.equals(refused.put(jar, no))) return;
        LOG.log(level, "plugin refused file={0}: {1}{2}", jar, no.reason(), known.containsKey(jar) ? "; the version before stays in force" : "");
    }

    /** The version that was in force when the daemon ended stays so too; checked as any other. */
    private void resume(Path jar, Path refusedCopy) throws IOException {
        Optional<Path> kept = store.current(jar.getFileName().toString());
        if (kept.isEmpty() || Files.mismatch(kept.get(), refusedCopy) < 0) return;
        try {
            Bundle bundle = install(jar, kept.get());
            known.put(jar, new Known(Stamp.NONE, bundle));
            LOG.log(Level.INFO, "plugin of file={0} goes on as before the restart bundle={1} version={2} id={3}", jar, bundle.getSymbolicName(), bundle.getVersion(), bundle.getBundleId());
        } catch (PluginRefusedException neither) {
            LOG.log(Level.WARNING, "plugin file={0}: what was in force before the restart is not taken either: {1}", jar, neither.getMessage());
        }
    }

    private void uninstall(Path jar) {
        Known gone = known.remove(jar);
        if (gone == null) return;
        try {
            bundles.remove(gone.bundle());
            store.forget(jar.getFileName().toString());
            LOG.log(Level.INFO, "plugin uninstalled bundle={0} file={1}", gone.bundle().getSymbolicName(), jar);
        } catch (PluginRefusedException bad) {
            LOG.log(Level.ERROR, "plugin file={0}: {1}", jar, bad.getMessage());
        } catch (IOException bad) {
            LOG.log(Level.WARNING, "plugin file={0}: its copies stay: {1}", jar, bad.getMessage());
        }
    }

    /** Puts a file into the folder, in one step, and takes it over at once.
     *  @return the bundle
     *  @throws PluginRefusedException why it is not in force */
    synchronized Bundle deploy(Path file, String name) throws IOException, PluginRefusedException {
        Path jar = folder.resolve(name);
        if (!isJar(jar) || Files.isDirectory(file)) throw new PluginRefusedException(file + " is no plugin's file: its name ends in .jar and begins with no dot");
        Path next = folder.resolve("." + name + ".new");
        Files.copy(file, next, StandardCopyOption.REPLACE_EXISTING);
        Files.setLastModifiedTime(next, FileTime.fromMillis(System.currentTimeMillis()));
        Files.move(next, jar, StandardCopyOption.ATOMIC_MOVE);
        scan();
        Refused no = refused.get(jar);
        if (no != null) throw new PluginRefusedException(name + " is refused: " + no.reason());
        Known now = known.get(jar);
        if (now == null) throw new PluginRefusedException(name + " is gone again");
        return now.bundle();
    }

    /** @param plugin file name or symbolic name */
    synchronized Bundle undeploy(String plugin) throws IOException, PluginRefusedException {
        Path jar = find(plugin);
        Known gone = known.get(jar);
        Files.delete(jar);
        scan();
        if (gone == null) throw new PluginRefusedException(plugin + " was not in force; its file is gone");
        return gone.bundle();
    }

    /** Back to the file that was in force before; again: forward. */
    synchronized Bundle rollback(String plugin) throws IOException, PluginRefusedException {
        String name = find(plugin).getFileName().toString();
        Path before = store.previous(name).orElseThrow(() -> new PluginRefusedException(name + " has no version before the one in force"));
        return deploy(before, name);
    }

    /** The bundle that a name stands for, if it is a plugin's. */
    private Path find(String plugin) throws PluginRefusedException {
        List<Path> found = Stream.concat(known.entrySet().stream().filter(each -> plugin.equals(each.getValue().bundle().getSymbolicName())).map(Map.Entry::getKey),
                Stream.concat(known.keySet().stream(), refused.keySet().stream()).filter(jar -> jar.getFileName().toString().equals(plugin))).distinct().toList();
        if (found.size() == 1) return found.getFirst();
        throw new PluginRefusedException(found.isEmpty() ? "no plugin " + plugin + " in " + folder : plugin + " is in several files: " + found);
    }

    /** File name and reason of each file that is not in force. */
    Map<String, String> refused() {
        Map<String, String> reasons = new TreeMap<>();
        refused.forEach((jar, no) -> reasons.put(jar.getFileName().toString(), no.reason()));
        return reasons;
    }

    /** What its thread has begun to take over it ends; it begins nothing more. */
    @Override public void close() {
        closed = true;
        watch.close();
    }
}
