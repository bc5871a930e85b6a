package heddle.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** Private copies of plugins' jars: what is checked is what is installed, and the file before the one in force is there to go back to.
 *  {@code FOLDER/NAME/current.jar} and {@code previous.jar}; they outlive the daemon. */
final class PluginStore {
    private final Path folder;

    PluginStore(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    /** A copy to check and install; whoever asked deletes it. */
    Path copy(Path jar) throws IOException {
        Path copy = Files.createTempFile(folder, "incoming", ".jar");
        return Files.copy(jar, copy, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The copy is in force from now on, and this store's own. */
    void keep(String name, Path copy) throws IOException {
        Path own = Files.createDirectories(folder.resolve(name));
        Path current = own.resolve("current.jar");
        if (Files.exists(current)) {
            if (Files.mismatch(current, copy) < 0) return;
            Files.move(current, own.resolve("previous.jar"), StandardCopyOption.REPLACE_EXISTING);
        }
        Files.move(copy, current, StandardCopyOption.ATOMIC_MOVE);
    }

    /** What was in force last, if there was anything. */
    Optional<Path> current(String name) {
        Path current = folder.resolve(name).resolve("current.jar");
        return Files.exists(current) ? Optional.of(current) : Optional.empty();
    }

    Optional<Path> previous(String name) {
        Path previous = folder.resolve(name).resolve("previous.jar");
        return Files.exists(previous) ? Optional.of(previous) : Optional.empty();
    }

    void forget(String name) throws IOException {
        Path own = folder.resolve(name);
        for (String file : new String[] {"current.jar", "previous.jar"}) Files.deleteIfExists(own.resolve(file));
        Files.deleteIfExists(own);
    }
}
