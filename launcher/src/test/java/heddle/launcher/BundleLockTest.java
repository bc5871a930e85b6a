package heddle.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The daemon and {@code heddle version} say in one line when a bundle is not the one that was built. */
class BundleLockTest {
    @TempDir Path home;

    @BeforeEach void build() throws IOException {
        Files.createDirectories(home.resolve("bundles"));
        Files.createDirectories(home.resolve("conf"));
        Files.writeString(home.resolve("bundles/core.jar"), "core");
        Files.writeString(home.resolve("bundles/netty.jar"), "netty");
        // as `printf core | sha256sum` says
        Files.writeString(home.resolve("conf/bundles.lock"), """
                0d45f5fd462b8c70bffb10021ac1bcff3f58f29b1faf7568595095427d42812c  bundles/core.jar
                3589ea89dd790d2450b1b727362207e0f128ba2d868c95f18a3a3eb4999a6ac2  bundles/netty.jar
                """);
    }

    @Test void nothingIsSaidOfBundlesThatAreAsTheyWereBuilt() throws IOException {
        assertThat(new BundleLock(home).difference()).isEmpty();
    }

    @Test void whatIsAnotherOneMissingOrUnknownIsNamed() throws IOException {
        Files.writeString(home.resolve("bundles/core.jar"), "Core");
        Files.delete(home.resolve("bundles/netty.jar"));
        Files.writeString(home.resolve("bundles/odd.jar"), "");
        assertThat(new BundleLock(home).difference()).isEqualTo("the bundles are not those that were built, by " + home.resolve("conf/bundles.lock")
                + ": core.jar is another one, odd.jar is not in it, netty.jar is missing");
    }

    @Test void aLockThatIsMissingIsSaid() throws IOException {
        Files.delete(home.resolve("conf/bundles.lock"));
        assertThat(new BundleLock(home).difference()).endsWith("there is no " + home.resolve("conf/bundles.lock"));
    }
}
