package heddle.source.file.internal;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which files the setting {@code manifests} names: a file itself, or of a folder the *.yaml, *.yml and *.json files in it (not those of
 *  its subfolders, nothing hidden). In order: folders as given, files by name. */
record ManifestFolders(List<Path> roots) {
    ManifestFolders {
        roots = roots.stream().map(path -> path.toAbsolutePath().normalize()).distinct().toList();
    }

    /** What was found.
     *  @param missing  a root that is not there, or cannot be listed, with the reason */
    record Listing(Set<Path> files, List<Missing> missing) {}

    record Missing(Path root, String reason) {}

    Listing list() {
        Set<Path> files = new LinkedHashSet<>();
        List<Missing> missing = new ArrayList<>();
        for (Path root : roots) {
            if (Files.isRegularFile(root)) {
                files.add(root);
                continue;
            }
            List<Path> found = new ArrayList<>();
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(root, ManifestFolders::isManifest)) {
                entries.forEach(found::add);
                found.stream().sorted().forEach(files::add);
            } catch (NoSuchFileException e) {
                missing.add(new Missing(root, "is not there yet; it will be read when it appears"));
            } catch (NotDirectoryException e) {
                missing.add(new Missing(root, "is neither a file nor a folder"));
            } catch (IOException | java.nio.file.DirectoryIteratorException e) {
                missing.add(new Missing(root, "cannot be listed: " + e.getMessage()));
            }
        }
        return new Listing(files, missing);
    }

    private static boolean isManifest(Path path) {
        String name = path.getFileName().toString();
        return !name.startsWith(".") && (name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json")) && !Files.isDirectory(path);
    }
}
