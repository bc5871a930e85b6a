package heddle.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkListener;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.FrameworkWiring;

/** Installs plugins into the framework and takes them out, never half: a bundle that does not start is gone again. A new version is
 *  installed beside the old one, which leaves afterwards, so that there is no gap (DESIGN.md, "Hot swap"). */
final class PluginBundles {
    /** In front of a plugin's location; the shell knows plugins by it. */
    static final String LOCATION = "plugin:";
    private final BundleContext framework;
    private final int level;
    private final AtomicLong installs = new AtomicLong();

    PluginBundles(BundleContext framework, int level) {
        this.framework = framework;
        this.level = level;
    }

    static void requireBundle(Path jar) throws PluginRefusedException {
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            if (manifest == null || manifest.getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME) == null) {
                throw new PluginRefusedException("it is no bundle: its manifest has no Bundle-SymbolicName (bnd-maven-plugin makes one)");
            }
        } catch (IOException part) {                            // a partly written one has no central directory
            throw new PluginRefusedException("it is no whole jar: " + part.getMessage() + " (it is looked at again when it changes)", part);
        }
    }

    Bundle install(String name, Path jar) throws IOException, PluginRefusedException {
        Bundle bundle;
        try (InputStream content = Files.newInputStream(jar)) {
            bundle = framework.installBundle(LOCATION + name + "#" + installs.incrementAndGet(), content);
        } catch (BundleException | RuntimeException bad) {
            throw new PluginRefusedException("it cannot be installed: " + bad.getMessage(), bad);
        }
        try {
            bundle.adapt(BundleStartLevel.class).setStartLevel(level);
            if (bundle.getHeaders().get(Constants.FRAGMENT_HOST) == null) bundle.start();
            return bundle;
        } catch (BundleException | RuntimeException | LinkageError bad) {
            boolean unresolved = bad instanceof BundleException problem && problem.getType() == BundleException.RESOLVE_ERROR;
            String why = unresolved ? new ResolveProblems(framework).explain(bundle) : "it cannot be started: " + bad.getMessage() + (bad.getCause() == null ? "" : ": " + bad.getCause());
            discard(bundle);
            throw new PluginRefusedException(why, bad, unresolved);
        }
    }

    private static void discard(Bundle bundle) {
        try {
            bundle.uninstall();
        } catch (BundleException | RuntimeException left) {
            System.getLogger("heddle.launcher.plugins").log(System.Logger.Level.WARNING, "bundle " + bundle.getBundleId() + " cannot be uninstalled", left);
        }
    }

    /** Stops it, which waits for the requests that use it, and takes it out; comes back when its classes are let go. */
    void remove(Bundle bundle) throws PluginRefusedException {
        try {
            if (bundle.getState() != Bundle.UNINSTALLED) bundle.uninstall();      // by hand: felix:uninstall
        } catch (BundleException | IllegalStateException bad) {
            throw new PluginRefusedException("bundle " + bundle.getSymbolicName() + " cannot be uninstalled: " + bad.getMessage(), bad);
        }
        CountDownLatch refreshed = new CountDownLatch(1);
        FrameworkListener done = event -> refreshed.countDown();
        framework.getBundle(0).adapt(FrameworkWiring.class).refreshBundles(List.of(bundle), done);
        try {
            refreshed.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
