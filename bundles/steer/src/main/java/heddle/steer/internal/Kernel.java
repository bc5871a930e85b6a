package heddle.steer.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The probe, step by step (first failure = refusal), and what it opened: the loaded object and where it will be attached. */
final class Kernel implements AutoCloseable {
    final Cgroups cgroups;
    final Pins pins;
    final BpfObject object;

    private Kernel(Cgroups cgroups, Pins pins, BpfObject object) {
        this.cgroups = cgroups;
        this.pins = pins;
        this.object = object;
    }

    @FunctionalInterface private interface Step<T> {
        T run() throws Exception;
    }

    static Kernel open(SteerConfig config, byte[] elf) throws Refusal {
        List<String> missing = step("read capabilities", Capabilities::missing);
        if (!missing.isEmpty()) throw new Refusal("capabilities", "missing " + String.join(", ", missing));
        Path mount = config.cgroupMount().isPresent() ? config.cgroupMount().get()
                : step("find cgroup v2", () -> Cgroups.findMount().orElseThrow(() -> new IOException("not mounted")));
        Cgroups cgroups = new Cgroups(mount, config.cgroupBase());
        try {
            Libbpf.LIB.signatures();
        } catch (UnsatisfiedLinkError | ExceptionInInitializerError | IllegalArgumentException | NoClassDefFoundError absent) {
            throw new Refusal("open libbpf.so.1", "not found; install it (Debian: apt-get install libbpf1)");
        }
        Pins pins = new Pins(config.pinDirectory());
        step("prepare " + config.pinDirectory(), () -> {
            pins.prepare();
            return pins;
        });
        BpfObject object;
        try {
            object = new BpfObject(elf, pins, true);
        } catch (RuntimeException failed) {
            throw new Refusal("load programs", failed.getMessage() + verifier());
        }
        Kernel kernel = new Kernel(cgroups, pins, object);
        try {
            step("attach to a cgroup", kernel::tryAttach);
            step("read SO_NETNS_COOKIE and mark a listener", kernel::tryListener);
            return kernel;
        } catch (Refusal refused) {
            kernel.close();
            throw refused;
        }
    }

    private static <T> T step(String name, Step<T> step) throws Refusal {
        try {
            return step.run();
        } catch (Exception failed) {
            throw new Refusal(name, failed);
        }
    }

    /** The lines of libbpf's log that say why. */
    private static String verifier() {
        List<String> lines = BpfLog.last().stream().flatMap(String::lines).filter(line -> !line.contains("-- BEGIN") && !line.contains("-- END")).toList();
        return lines.isEmpty() ? "" : " (" + String.join(" / ", lines.subList(Math.max(0, lines.size() - 3), lines.size())) + ")";
    }

    private Object tryAttach() throws IOException {
        Path probe = cgroups.base().resolve("probe");
        Files.createDirectories(probe);
        try {
            for (Program program : Program.values()) Sys.close(Attachments.create(object.program(program), program, probe));
        } finally {
            Files.deleteIfExists(probe);
        }
        return probe;
    }

    private Object tryListener() {
        int socket = Sys.listenOnLoopback(Sys.AF_INET, 0);
        try {
            byte[] fd = java.nio.ByteBuffer.allocate(4).order(java.nio.ByteOrder.nativeOrder()).putInt(socket).array();
            object.map("mesh_lsn_mark").put(fd, Namespaces.key(Sys.networkNamespaceCookie(socket)));
        } finally {
            Sys.close(socket);
        }
        return socket;
    }

    @Override public void close() {
        object.close();
    }
}
