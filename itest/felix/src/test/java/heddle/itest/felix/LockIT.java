package heddle.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The set of bundles is reproducible: launcher/bundles.lock, which is kept with the sources, holds the digest of every foreign bundle; the
 *  distribution's conf/bundles.lock holds those and ours, as {@code sha256sum -c conf/bundles.lock} reads them. */
class LockIT {
    private static final Path KEPT = Path.of("../../launcher/bundles.lock");

    @Test void theDistributionHoldsExactlyTheForeignBundlesThatAreLocked() throws IOException {
        Map<String, String> foreign = new TreeMap<>();
        lines(Distribution.HOME.resolve("conf/bundles.lock")).forEach((name, digest) -> {
            if (!name.startsWith("bundles/heddle-")) foreign.put(name, digest);
        });
        if (System.getProperty("lock.update") != null) {
            Files.write(KEPT, foreign.entrySet().stream().map(each -> each.getValue() + "  " + each.getKey()).toList());
        }
        assertThat(foreign).as("another version, or another jar of one version, than launcher/bundles.lock says; if that is meant: -Dlock.update, and look at the diff")
                .isEqualTo(lines(KEPT));
    }

    @Test void theLockSaysWhatIsThere() throws IOException {
        Map<String, String> there = new TreeMap<>();
        for (Path jar : Distribution.jars()) there.put("bundles/" + jar.getFileName(), digest(jar));
        assertThat(lines(Distribution.HOME.resolve("conf/bundles.lock"))).isEqualTo(there);
        assertThat(there.keySet()).containsAll(Distribution.bundles().stream().map(line -> "bundles/" + line.name() + ".jar").toList());
    }

    private static Map<String, String> lines(Path lock) throws IOException {
        Map<String, String> digests = new TreeMap<>();
        for (String line : Files.exists(lock) ? Files.readAllLines(lock) : List.<String>of()) digests.put(line.substring(66), line.substring(0, 64));
        return digests;
    }

    private static String digest(Path jar) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
