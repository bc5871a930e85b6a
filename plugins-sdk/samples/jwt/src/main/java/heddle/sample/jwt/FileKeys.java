package heddle.sample.jwt;

import com.nimbusds.jose.jwk.JWKSet;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.text.ParseException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A JWKS file; read again when it has changed, which is looked at once a second at most. A broken one leaves the last keys in force. */
final class FileKeys implements Keys {
    private static final System.Logger LOG = System.getLogger("heddle.sample.jwt");
    private static final long LOOK_NANOS = 1_000_000_000L;
    private final Path file;
    private JWKSet keys;
    private FileTime changed;
    private long looked = System.nanoTime();

    private FileKeys(Path file, JWKSet keys, FileTime changed) {
        this.file = file;
        this.keys = keys;
        this.changed = changed;
    }

    static FileKeys of(Path file) throws BadFieldException {
        try {
            FileTime changed = Files.getLastModifiedTime(file);
            return new FileKeys(file, read(file), changed);
        } catch (IOException | ParseException bad) {
            throw new BadFieldException("spec.jwks.file", file + " cannot be read as a JWKS: " + bad);
        }
    }

    private static JWKSet read(Path file) throws IOException, ParseException {
        try {
            return JWKSet.parse(Files.readString(file));
        } catch (RuntimeException unforeseen) {                 // the library's answer to a null where an object is expected
            throw new IOException(unforeseen);
        }
    }

    @Override public synchronized CompletionStage<JWKSet> now() {
        if (System.nanoTime() - looked >= LOOK_NANOS) look();
        return CompletableFuture.completedFuture(keys);
    }

    @Override public synchronized CompletionStage<JWKSet> again() {
        look();
        return CompletableFuture.completedFuture(keys);
    }

    private void look() {
        looked = System.nanoTime();
        try {
            FileTime time = Files.getLastModifiedTime(file);
            if (time.equals(changed)) return;
            keys = read(file);
            changed = time;
        } catch (IOException | ParseException bad) {
            LOG.log(Level.WARNING, "{0} cannot be read as a JWKS, the last keys stay in force: {1}", file, bad.toString());
        }
    }

    @Override public void close() {}
}
