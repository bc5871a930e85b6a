package heddle.api.source;

import java.nio.file.Path;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Reads manifests that are not in force, as the source {@code file} would. Any thread but an event loop. */
@ProviderType
public interface ManifestReader {
    /** @param roots folders or files, absolute; what cannot be read is a problem of the state */
    SourceState read(List<Path> roots);
}
