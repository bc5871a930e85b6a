package heddle.steer.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/** Our directory in bpffs: {@code BASE/abiN/maps/NAME} and {@code BASE/abiN/links/PROGRAM_CGROUPID}, mode 0700. What is pinned outlives
 *  the daemon. bpffs allows no dots in names. */
final class Pins {
    /** Source of a bpffs that we mounted, so that clean-up knows it as ours. */
    static final String MOUNT_SOURCE = "heddle";
    /** What some kernels put into every new bpffs. */
    private static final Set<String> PRELOADED = Set.of("maps.debug", "progs.debug");

    private final Path base;
    private final Path current;

    Pins(Path base) {
        this.base = base;
        this.current = base.resolve("abi" + Abi.VERSION);
    }

    /** Makes the directories; mounts bpffs at the parent of the base where there is none. */
    void prepare() throws IOException {
        Path mount = base.getParent();
        if (!isBpffs(mount)) {
            Files.createDirectories(mount);
            Sys.mountBpffs(MOUNT_SOURCE, mount);
        }
        for (Path directory : List.of(base, current, maps(), links())) {
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
        }
    }

    static boolean isBpffs(Path directory) throws IOException {
        return mounts().stream().anyMatch(mount -> mount.kind.equals("bpf") && mount.target.equals(directory));
    }

    Path base() {
        return base;
    }

    /** The folder of this layout's pins. */
    Path version() {
        return current;
    }

    Path maps() {
        return current.resolve("maps");
    }

    Path links() {
        return current.resolve("links");
    }

    static OptionalInt open(Path pin) {
        if (!Files.exists(pin, LinkOption.NOFOLLOW_LINKS)) return OptionalInt.empty();
        try (Arena call = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(call);
            return OptionalInt.of(Sys.check(Libbpf.objGet(errno, Native.text(call, pin.toString())), errno, "open pin " + pin));
        }
    }

    static void pin(int fd, Path pin) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(call);
            Sys.check(Libbpf.objPin(errno, fd, Native.text(call, pin.toString())), errno, "pin " + pin);
        }
    }

    static List<Path> list(Path directory) {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) return List.of();
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Directories that a daemon with another layout left; ours takes over, then they go. */
    List<Path> otherVersions() {
        return list(base).stream().filter(directory -> !directory.equals(current)).toList();
    }

    /** Removes one version's pins, links first (they detach), then the maps; returns what was removed. */
    static List<Path> remove(Path version) throws IOException {
        List<Path> removed = new ArrayList<>();
        for (String part : List.of("links", "maps")) {
            for (Path pin : list(version.resolve(part))) {
                Files.deleteIfExists(pin);
                removed.add(pin);
            }
            Files.deleteIfExists(version.resolve(part));
        }
        Files.deleteIfExists(version);
        return removed;
    }

    /** Removes all of ours, and the mount if we made it and nobody else uses it. */
    List<Path> removeAll() throws IOException {
        List<Path> removed = new ArrayList<>();
        for (Path version : list(base)) removed.addAll(remove(version));
        if (Files.deleteIfExists(base)) removed.add(base);
        Path mount = base.getParent();
        boolean ours = mounts().stream().anyMatch(m -> m.kind.equals("bpf") && m.target.equals(mount) && m.source.equals(MOUNT_SOURCE));
        if (ours && list(mount).stream().map(Path::getFileName).map(Path::toString).allMatch(PRELOADED::contains)) {
            Sys.unmount(mount);
            removed.add(mount);
        }
        return removed;
    }

    record Mount(Path target, String kind, String source) {}

    static List<Mount> mounts() throws IOException {
        List<Mount> mounts = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
            String[] halves = line.split(" - ", 2);
            String[] after = halves[1].split(" ");
            mounts.add(new Mount(Path.of(halves[0].split(" ")[4].replace("\\040", " ")), after[0], after[1]));
        }
        return mounts;
    }
}
