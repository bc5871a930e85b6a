package heddle.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** {@code conf/bundles.lock} of a distribution: the SHA-256 of each bundle as it was built, in the form of {@code sha256sum}. */
record BundleLock(Path home) {
    private static final int DIGEST = 64;
    private static final int PART = 65536;

    /** One sentence on what is not as it was built; "" when all is. Reads all bundles, some 30 MB: not on the way to ready. */
    String difference() throws IOException {
        Path file = home.resolve("conf/bundles.lock");
        if (!Files.isRegularFile(file)) return "the bundles cannot be compared with what was built: there is no " + file;
        Map<String, String> locked = new TreeMap<>();
        for (String line : Files.readAllLines(file)) if (line.length() > DIGEST + 2) locked.put(line.substring(DIGEST + 2), line.substring(0, DIGEST));
        List<String> differences = new ArrayList<>();
        try (Stream<Path> jars = Files.list(home.resolve("bundles"))) {
            for (Path jar : jars.filter(each -> each.toString().endsWith(".jar")).sorted().toList()) {
                String digest = locked.remove("bundles/" + jar.getFileName());
                if (digest == null) differences.add(jar.getFileName() + " is not in it");
                else if (!digest.equals(digest(jar))) differences.add(jar.getFileName() + " is another one");
            }
        }
        locked.keySet().forEach(gone -> differences.add(Path.of(gone).getFileName() + " is missing"));
        return differences.isEmpty() ? "" : "the bundles are not those that were built, by " + file + ": " + String.join(", ", differences);
    }

    private static String digest(Path jar) throws IOException {
        try (InputStream content = Files.newInputStream(jar)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] part = new byte[PART];                       // not all at once: the daemon's heap would grow for it
            for (int read = content.read(part); read >= 0; read = content.read(part)) digest.update(part, 0, read);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
