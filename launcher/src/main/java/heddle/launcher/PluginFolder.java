package heddle.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
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
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;

/** Third-party bundles: a jar that appears in the folder is installed and started, one that changes is replaced, one that goes is
 *  uninstalled. A file that is still being written is no readable jar yet and is looked at again when it has changed; one that is refused
 *  (trust, no bundle, cannot be resolved or started) leaves what was in force as it is. The framework and the checks read one private
 *  copy, never the file itself. Its own thread watches; the orders of the shell come on theirs. */
final class PluginFolder implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("heddle.launcher.plugins");
    private static final Duration QUIET = Duration.ofMillis(50);
    private final Path folder;
    private final PluginStore store;
    private final PluginBundles bundles;
    private final PluginTrust trust;
    private final Runnable takenUp;
    private final Map<Path, Known> known = new HashMap<>();
    private final Map<Path, Refused> refused = new TreeMap<>();
    private final FolderWatch watch;

    private record Stamp(long size, FileTime time, String key) {
        static Stamp of(Path jar) throws IOException {
            BasicFileAttributes file = Files.readAttributes(jar, BasicFileAttributes.class);
            return new Stamp(file.size(), file.lastModifiedTime(), String.valueOf(file.fileKey()));
        }
    }

    private record Known(Stamp stamp, Bundle bundle) {}

    /** A file that is not in force, and why. */
    private record Refused(Stamp stamp, String reason) {}

    /** @param takenUp comes back when the mesh uses what was started last: a new version's source has delivered before the old one leaves */
    PluginFolder(Path folder, PluginStore store, PluginTrust trust, PluginBundles bundles, Runnable takenUp) throws IOException {
        this.folder = folder;
        this.store = store;
        this.trust = trust;
        this.bundles = bundles;
        this.takenUp = takenUp;
        Files.createDirectories(folder);
        this.watch = new FolderWatch("heddle-plugins", folder, QUIET, this::scan);
        scan();
    }

    private synchronized void scan() {
        List<Path> jars;
        try (Stream<Path> files = Files.list(folder)) {
            jars = files.filter(file -> file.getFileName().toString().endsWith(".jar") && !file.getFileName().toString().startsWith(".")).sorted().toList();
        } catch (IOException | UncheckedIOException bad) {
            LOG.log(Level.WARNING, "cannot read {0}: {1}", folder, bad);
            return;
        }
        refused.keySet().retainAll(jars);
        for (Path gone : known.keySet().stream().filter(jar -> !jars.contains(jar)).toList()) uninstall(gone);
        for (Path jar : jars) look(jar);
    }

    private void look(Path jar) {
        try {
            Stamp stamp = Stamp.of(jar);
            Known before = known.get(jar);
            if (before != null && before.stamp().equals(stamp) && !refused.containsKey(jar)) return;
            Refused no = refused.get(jar);
            if (no != null && no.stamp().equals(stamp)) return;
            Path copy = store.copy(jar);
            try {
                take(jar, copy, stamp, Optional.ofNullable(before));
            } finally {
                Files.deleteIfExists(copy);
            }
        } catch (IOException unreadable) {
            LOG.log(Level.DEBUG, "{0} is not readable yet: {1}", jar, unreadable);
        }
    }

    private void take(Path jar, Path copy, Stamp stamp, Optional<Known> before) throws IOException {
        try {
            PluginBundles.requireBundle(copy);                  // throws IOException for a part of a jar
            trust.check(copy);
            Bundle bundle = bundles.install(jar.getFileName().toString(), copy);
            known.put(jar, new Known(stamp, bundle));
            refused.remove(jar);
            if (before.isPresent()) {
                takenUp.run();
                bundles.remove(before.get().bundle());
            }
            store.keep(jar.getFileName().toString(), copy);
            LOG.log(Level.INFO, "plugin {0} bundle={1} version={2} id={3} file={4}", before.isPresent() ? "replaced" : "installed", bundle.getSymbolicName(), bundle.getVersion(),
                    bundle.getBundleId(), jar);
        } catch (PluginRefusedException no) {
            refused.put(jar, new Refused(stamp, no.getMessage()));
            LOG.log(Level.ERROR, "plugin refused file={0}: {1}{2}", jar, no.getMessage(), before.isPresent() ? "; the version before stays in force" : "");
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
        Path next = folder.resolve("." + name + ".new");
        Files.copy(file, next, StandardCopyOption.REPLACE_EXISTING);
        Files.setLastModifiedTime(next, FileTime.fromMillis(System.currentTimeMillis()));
        Files.move(next, jar, StandardCopyOption.ATOMIC_MOVE);
        scan();
        Refused no = refused.get(jar);
        if (no != null) throw new PluginRefusedException(name + " is refused: " + no.reason());
        Known now = known.get(jar);
        if (now == null) throw new PluginRefusedException(name + " is no whole jar");
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
    synchronized Map<String, String> refused() {
        Map<String, String> reasons = new TreeMap<>();
        refused.forEach((jar, no) -> reasons.put(jar.getFileName().toString(), no.reason()));
        return reasons;
    }

    @Override public void close() {
        watch.close();
    }
}
