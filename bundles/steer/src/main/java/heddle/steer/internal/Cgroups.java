package heddle.steer.internal;

import heddle.api.steer.SteeringPlan.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The cgroup v2 hierarchy as far as it concerns us: {@code MOUNT/BASE/daemon} for ourselves, {@code MOUNT/BASE/workloads/NS/NAME}. */
final class Cgroups {
    private static final Path HOST_NAMESPACE = Path.of("/proc/1/ns/cgroup");
    private final Path mount;
    private final Path base;

    Cgroups(Path mount, String base) {
        this.mount = mount;
        this.base = mount.resolve(base);
    }

    /** Where cgroup v2 is mounted: the usual place first, else the first there is (hybrid layouts). */
    static Optional<Path> findMount() throws IOException {
        List<Path> mounts = Pins.mounts().stream().filter(mount -> mount.kind().equals("cgroup2")).map(Pins.Mount::target).toList();
        Path usual = Path.of("/sys/fs/cgroup");
        return mounts.contains(usual) ? Optional.of(usual) : mounts.stream().findFirst();
    }

    Path mount() {
        return mount;
    }

    Path base() {
        return base;
    }

    Path daemon() {
        return base.resolve("daemon");
    }

    Path workloads() {
        return base.resolve("workloads");
    }

    Path workload(String namespace, String name) {
        return workloads().resolve(namespace).resolve(name);
    }

    /** Where a workload's processes are. */
    Path of(Member member) {
        return member.cgroup().map(this::resolve).orElseGet(() -> workload(member.namespace(), member.name()));
    }

    /** A path as users write it: with or without the mount in front, absolute or not. */
    Path resolve(Path written) {
        if (written.startsWith(mount)) return written.normalize();
        return mount.resolve(Path.of("/").relativize(Path.of("/").resolve(written))).normalize();
    }

    /** The cgroup that kubelet makes pods' cgroups in, if this is one of them: {@code kubepods}, or with the systemd driver
     *  {@code kubepods.slice}, wherever its {@code --cgroup-root} is. Pods outside of the mesh are in it too. */
    Optional<Path> shared(Path cgroup) {
        if (!cgroup.startsWith(mount)) return Optional.empty();
        for (int names = mount.getNameCount() + 1; names < cgroup.getNameCount(); names++) {
            String name = cgroup.getName(names - 1).toString();
            if (name.equals("kubepods") || name.endsWith("kubepods.slice")) return Optional.of(cgroup.getRoot().resolve(cgroup.subpath(0, names)));
        }
        return Optional.empty();
    }

    /** The id that BPF knows it by. */
    static long id(Path cgroup) throws IOException {
        return ((Number) Files.getAttribute(cgroup, "unix:ino")).longValue();
    }

    /** Moves this process, all its threads. A container's cgroup namespace ends where its own cgroup does, and where cgroup2 is mounted
     *  with nsdelegate nobody may leave it: then a thread that ends with this writes from the host's. */
    static void enter(Path cgroup) throws IOException {
        try {
            write(cgroup);
        } catch (IOException refused) {
            if (!Files.isDirectory(cgroup)) throw refused;
            enterFromHost(cgroup);
        }
    }

    private static void enterFromHost(Path cgroup) throws IOException {
        FutureTask<@Nullable Void> move = new FutureTask<>(() -> {
            int host = Sys.open(HOST_NAMESPACE);
            try {
                Sys.enterCgroupNamespace(host);
            } finally {
                Sys.close(host);
            }
            write(cgroup);
            return null;
        });
        Thread.ofPlatform().name("heddle-cgroup").start(move);
        try {
            move.get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while moving to " + cgroup, interrupted);
        } catch (ExecutionException failed) {
            throw new IOException("cannot move to " + cgroup + " from the host's cgroup namespace (needs its PID namespace and CAP_SYS_PTRACE): "
                    + failed.getCause().getMessage(), failed.getCause());
        }
    }

    private static void write(Path cgroup) throws IOException {
        Files.writeString(cgroup.resolve("cgroup.procs"), Long.toString(ProcessHandle.current().pid()));
    }

    /** This process's cgroup v2 path below the mount. */
    Path own() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
            if (line.startsWith("0::")) return resolve(Path.of(line.substring(3)));
        }
        return mount;
    }

    /** Processes in a cgroup and below it; none when it is gone. */
    static List<Long> processes(Path cgroup) {
        List<Long> processes = new ArrayList<>();
        try (Stream<Path> tree = Files.walk(cgroup)) {
            for (Path directory : tree.filter(Files::isDirectory).toList()) {
                for (String line : Files.readAllLines(directory.resolve("cgroup.procs"))) processes.add(Long.parseLong(line));
            }
        } catch (IOException | java.io.UncheckedIOException gone) {
            return processes;   // a cgroup may end while it is read
        }
        return processes;
    }

    /** Processes in this cgroup itself. */
    static List<Long> processesOf(Path cgroup) {
        try {
            return Files.readAllLines(cgroup.resolve("cgroup.procs")).stream().map(Long::parseLong).toList();
        } catch (IOException gone) {
            return List.of();
        }
    }

    /** The cgroups right below this one. */
    static List<Path> below(Path cgroup) {
        try (Stream<Path> files = Files.list(cgroup)) {
            return files.filter(Files::isDirectory).toList();
        } catch (IOException | java.io.UncheckedIOException gone) {
            return List.of();
        }
    }

    /** Removes a cgroup and what is below it, as far as it is empty; returns what was removed, deepest first. */
    static List<Path> removeEmpty(Path cgroup) throws IOException {
        List<Path> removed = new ArrayList<>();
        if (!Files.isDirectory(cgroup)) return removed;
        List<Path> directories;
        try (Stream<Path> tree = Files.walk(cgroup)) {
            directories = tree.filter(Files::isDirectory).sorted((a, b) -> b.getNameCount() - a.getNameCount()).toList();
        }
        for (Path directory : directories) {
            try {
                Files.delete(directory);
                removed.add(directory);
            } catch (NoSuchFileException gone) {
                continue;
            } catch (IOException inUse) {
                continue;   // somebody is in it: it is not ours to end
            }
        }
        return removed;
    }
}
