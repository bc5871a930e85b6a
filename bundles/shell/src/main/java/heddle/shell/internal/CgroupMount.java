package heddle.shell.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where cgroup v2 is mounted, as /proc/self/mounts says. */
final class CgroupMount {
    private static final Path MOUNTS = Path.of("/proc/self/mounts");

    private CgroupMount() {}

    /** @param setting {@code steer.cgroupMount}; empty: found */
    static Optional<Path> find(String setting) throws IOException {
        if (!setting.isEmpty()) return Optional.of(Path.of(setting));
        return Files.readAllLines(MOUNTS).stream().map(line -> line.split(" ")).filter(fields -> fields.length > 2 && fields[2].equals("cgroup2"))
                .map(fields -> Path.of(fields[1].replace("\\040", " "))).findFirst();
    }
}
