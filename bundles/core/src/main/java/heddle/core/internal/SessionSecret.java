package heddle.core.internal;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/** The secret of a daemon that was given none, kept in its state folder so that sessions outlive a restart. */
final class SessionSecret {
    private static final Logger LOG = System.getLogger(SessionSecret.class.getName());
    private static final String FILE = "session.secret";

    private SessionSecret() {}

    /** @param stateDir "" = a secret for this run only */
    static String kept(String stateDir) {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        String made = Base64.getEncoder().encodeToString(random);
        if (stateDir.isEmpty()) return made;
        Path file = Path.of(stateDir, FILE);
        try {
            if (Files.exists(file)) return Files.readString(file).strip();
            Files.createDirectories(file.getParent());
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, made, StandardOpenOption.WRITE);
        } catch (IOException | UnsupportedOperationException e) {
            LOG.log(Level.WARNING, "the session secret cannot be kept in " + file + ", sessions will end with the daemon: " + e.getMessage(), e);
        }
        return made;
    }
}
