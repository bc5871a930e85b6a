package heddle.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;

/** A real Felix. The first assertion fails once Felix lets go of them itself: then {@link UninstalledBundles} can go. */
class UninstalledBundlesTest {
    @TempDir Path temp;

    @Test void aBundleThatHasUsedAServiceIsNotKeptAfterItWasUninstalled() throws Exception {
        Framework felix = new org.apache.felix.framework.Felix(Map.of(Constants.FRAMEWORK_STORAGE, temp.resolve("cache").toString(), "felix.log.level", "0"));
        try {
            felix.init();
            UninstalledBundles uninstalled = new UninstalledBundles(felix);
            felix.start();
            BundleContext system = felix.getBundleContext();
            ServiceReference<String> reference = system.registerService(String.class, "a service", null).getReference();

            Bundle stays = user(system, "acme.stays", reference);
            stays.uninstall();
            assertThat(uninstalled.kept(stays)).as("what Felix does").isTrue();

            system.addBundleListener(uninstalled);
            Bundle goes = user(system, "acme.goes", reference);
            assertThat(uninstalled.kept(goes)).isTrue();
            goes.uninstall();
            assertThat(uninstalled.kept(goes)).isFalse();
        } finally {
            felix.stop();
            felix.waitForStop(0);
        }
    }

    private Bundle user(BundleContext system, String name, ServiceReference<?> reference) throws Exception {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Bundle-ManifestVersion", "2");
        manifest.getMainAttributes().putValue("Bundle-SymbolicName", name);
        Path jar = temp.resolve(name + ".jar");
        try (OutputStream out = Files.newOutputStream(jar)) {
            new JarOutputStream(out, manifest).close();
        }
        Bundle bundle = system.installBundle(jar.toUri().toString());
        bundle.start();
        assertThat(bundle.getBundleContext().getService(reference)).isNotNull();
        assertThat(bundle.getBundleContext().ungetService(reference)).isTrue();
        bundle.stop();
        return bundle;
    }
}
