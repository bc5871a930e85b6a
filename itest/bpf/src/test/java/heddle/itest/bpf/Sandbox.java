package heddle.itest.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.steer.internal.Clean;
import heddle.steer.internal.SteerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A cgroup base, a pin directory and network namespaces (loopback only: no route out) of one test, all removed at its end; then no
 *  program, link, pin, cgroup or namespace of ours may be left, or the test fails. */
final class Sandbox implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();
    static final int PORT = 15099;

    final String name = "heddle-it-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
    private final List<String> namespaces = new ArrayList<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<Integer> programs = new ArrayList<>();

    Sandbox() throws Exception {
        Root.require(config());
    }

    /** Its daemon counts as hung late: a busy machine may give it no processor for a while. */
    SteerConfig config() {
        return config(Duration.ofMinutes(10), false);
    }

    SteerConfig config(Duration staleAfter, boolean keep) {
        return new SteerConfig(Optional.empty(), name, Path.of("/sys/fs/bpf/" + name), staleAfter, keep, PORT, true);
    }

    static Path cgroupMount() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
            if (line.contains(" - cgroup2 ")) return Path.of(line.split(" ")[4]);
        }
        throw new IOException("no cgroup v2");
    }

    Path workload(String namespace, String workload) throws IOException {
        return cgroupMount().resolve(name).resolve("workloads").resolve(namespace).resolve(workload);
    }

    /** A new namespace with only {@code lo}, up. */
    Path namespace() throws Exception {
        String ns = "hit" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
        run("ip", "netns", "add", ns);
        namespaces.add(ns);
        run("ip", "-n", ns, "link", "set", "lo", "up");
        return Path.of("/run/netns/" + ns);
    }

    void deleteNamespace(Path namespace) throws Exception {
        run("ip", "netns", "del", namespace.getFileName().toString());
        namespaces.remove(namespace.getFileName().toString());
    }

    /** Closes it at the end, in reverse order. */
    <T extends AutoCloseable> T with(T resource) {
        open.addFirst(resource);
        if (resource instanceof Daemon daemon) track(daemon.steering.programIds());
        if (resource instanceof DaemonProcess daemon) track(daemon.programs());
        return resource;
    }

    static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + ": " + output);
        }
        return output;
    }

    @Override public void close() throws Exception {
        for (AutoCloseable resource : open) resource.close();
        Clean.clean(config());
        for (String ns : List.copyOf(namespaces)) run("ip", "netns", "del", ns);
        assertThat(Path.of("/sys/fs/bpf/" + name)).doesNotExist();
        assertThat(cgroupMount().resolve(name)).doesNotExist();
        assertNothingLoaded();
    }

    /** Must be gone at the end. */
    void track(List<Integer> programIds) {
        programs.addAll(programIds);
    }

    /** Programs go when their last reference goes, which the kernel may do a moment later. */
    private void assertNothingLoaded() throws Exception {
        List<String> left;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        do {
            String loaded = run("/usr/sbin/bpftool", "prog", "list") + run("/usr/sbin/bpftool", "link", "list");
            left = loaded.lines().filter(line -> programs.stream().anyMatch(id -> line.startsWith(id + ": ") || line.contains(" prog " + id + " "))).toList();
            if (left.isEmpty()) return;
            Thread.onSpinWait();
        } while (System.nanoTime() < deadline);
        assertThat(left).isEmpty();
    }
}
