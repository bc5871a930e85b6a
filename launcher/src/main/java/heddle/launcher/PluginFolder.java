package heddle.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.FrameworkWiring;

/** Third-party bundles: a jar that appears in the folder is installed and started, one that changes is updated, one that goes is
 *  uninstalled. A file that is still being written is no readable jar yet and is looked at again when it has changed; one whose
 *  reading fails leaves the installed bundle as it is. The framework reads a copy, never the file itself. */
final class PluginFolder implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("heddle.launcher.plugins");
    private static final Duration QUIET = Duration.ofMillis(200);
    private final Path folder;
    private final Felix felix;
    private final int level;
    private final Map<Path, Known> known = new HashMap<>();
    private final FolderWatch watch;

    private record Stamp(long size, FileTime time, Object key) {}

    private record Known(Stamp stamp, Bundle bundle) {}

    PluginFolder(Path folder, Felix felix, int level) throws IOException {
        this.folder = folder;
        this.felix = felix;
        this.level = level;
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
        for (Path gone : known.keySet().stream().filter(jar -> !jars.contains(jar)).toList()) uninstall(gone);
        for (Path jar : jars) look(jar);
    }

    private void look(Path jar) {
        try {
            Stamp stamp = new Stamp(Files.size(jar), Files.getLastModifiedTime(jar), String.valueOf(Files.readAttributes(jar, java.nio.file.attribute.BasicFileAttributes.class).fileKey()));
            Known before = known.get(jar);
            if (before != null && before.stamp().equals(stamp)) return;
            if (!bundle(jar)) return;
            if (before == null) install(jar, stamp);
            else update(jar, stamp, before.bundle());
        } catch (IOException unreadable) {
            LOG.log(Level.DEBUG, "{0} is not readable yet: {1}", jar, unreadable);
        }
    }

    /** Whether the file is a whole jar with a symbolic name; a partly written one has no central directory. */
    private static boolean bundle(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            if (manifest != null && manifest.getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME) != null) return true;
            LOG.log(Level.WARNING, "{0} is no bundle: its manifest has no Bundle-SymbolicName", jar);
            return false;
        }
    }

    private void install(Path jar, Stamp stamp) throws IOException {
        try (InputStream content = Files.newInputStream(jar)) {
            Bundle bundle = felix.context().installBundle("plugin:" + jar.getFileName(), content);
            known.put(jar, new Known(stamp, bundle));
            bundle.adapt(BundleStartLevel.class).setStartLevel(level);
            start(bundle);
            LOG.log(Level.INFO, "plugin installed bundle={0} version={1} file={2}", bundle.getSymbolicName(), bundle.getVersion(), jar);
        } catch (BundleException bad) {
            LOG.log(Level.ERROR, "plugin " + jar + " cannot be installed or started", bad);
        }
    }

    private void update(Path jar, Stamp stamp, Bundle bundle) throws IOException {
        known.put(jar, new Known(stamp, bundle));
        try (InputStream content = Files.newInputStream(jar)) {
            bundle.update(content);
            felix.context().getBundle(0).adapt(FrameworkWiring.class).refreshBundles(List.of(bundle));
            start(bundle);
            LOG.log(Level.INFO, "plugin updated bundle={0} version={1} file={2}", bundle.getSymbolicName(), bundle.getVersion(), jar);
        } catch (BundleException bad) {
            LOG.log(Level.ERROR, "plugin " + jar + " cannot be updated", bad);
        }
    }

    private void uninstall(Path jar) {
        Known gone = known.remove(jar);
        try {
            gone.bundle().uninstall();
            felix.context().getBundle(0).adapt(FrameworkWiring.class).refreshBundles(null);
            LOG.log(Level.INFO, "plugin uninstalled bundle={0} file={1}", gone.bundle().getSymbolicName(), jar);
        } catch (BundleException | IllegalStateException bad) {
            LOG.log(Level.ERROR, "plugin " + jar + " cannot be uninstalled", bad);
        }
    }

    private static void start(Bundle bundle) throws BundleException {
        if (bundle.getHeaders().get(Constants.FRAGMENT_HOST) == null) bundle.start();
    }

    @Override public void close() {
        watch.close();
    }
}
