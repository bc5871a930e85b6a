package heddle.steer.internal;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/** The programs' links to cgroups, each pinned. A link that a predecessor pinned gets our program in its place, so that no connect runs
 *  without one. Not thread-safe: callers hold the steering's lock. */
final class Attachments {
    private static final System.Logger LOG = System.getLogger(Attachments.class.getName());

    private record Link(Program program, long cgroup) {
        String pin() {
            return program.symbol + "_" + cgroup;
        }
    }

    private final BpfObject object;
    private final Pins pins;
    private final Map<Link, Integer> links = new HashMap<>();

    Attachments(BpfObject object, Pins pins) {
        this.object = object;
        this.pins = pins;
    }

    void attachDaemon(Path cgroup) throws IOException {
        for (Program program : Program.values()) if (program.onDaemon) attach(program, cgroup);
    }

    /** Attaches where it is not yet; returns true if anything was new. */
    boolean attachWorkloads(Path cgroup) throws IOException {
        boolean any = false;
        for (Program program : Program.values()) if (program.onWorkloads) any |= attach(program, cgroup);
        return any;
    }

    private boolean attach(Program program, Path cgroup) throws IOException {
        Link link = new Link(program, Cgroups.id(cgroup));
        if (links.containsKey(link)) return false;
        Path pin = pins.links().resolve(link.pin());
        OptionalInt old = Pins.open(pin);
        if (old.isPresent()) {
            try (Arena call = Arena.ofConfined()) {
                MemorySegment errno = Errno.allocate(call);
                if (Libbpf.linkUpdate(errno, old.getAsInt(), object.program(program), MemorySegment.NULL) >= 0) {
                    links.put(link, old.getAsInt());
                    return true;
                }
                LOG.log(System.Logger.Level.DEBUG, "pinned link {0} is of no use ({1}): attaching anew", pin, Errno.name(Errno.of(errno)));
            }
            Sys.close(old.getAsInt());
            Files.deleteIfExists(pin);
        }
        int fd = create(object.program(program), program, cgroup);
        try {
            Pins.pin(fd, pin);
        } catch (RuntimeException failed) {
            Sys.close(fd);
            throw failed;
        }
        links.put(link, fd);
        return true;
    }

    static int create(int programFd, Program program, Path cgroup) {
        int directory = Sys.open(cgroup);
        try (Arena call = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(call);
            return Sys.check(Libbpf.linkCreate(errno, programFd, directory, program.attachType, MemorySegment.NULL), errno,
                    "attach " + program.symbol + " to " + cgroup);
        } finally {
            Sys.close(directory);
        }
    }

    /** Detaches from every cgroup but these: those of ours, and those that a predecessor left. */
    void retain(Set<Long> cgroups) throws IOException {
        for (Link link : new ArrayList<>(links.keySet())) {
            if (cgroups.contains(link.cgroup)) continue;
            Sys.close(links.remove(link));
            Files.deleteIfExists(pins.links().resolve(link.pin()));
        }
        Set<String> wanted = new HashSet<>();
        for (Link link : links.keySet()) wanted.add(link.pin());
        for (Path pin : Pins.list(pins.links())) {
            if (!wanted.contains(pin.getFileName().toString())) Files.deleteIfExists(pin);
        }
    }

    /** Lets go of the descriptors; what is pinned stays attached. */
    void release() {
        List<Integer> open = List.copyOf(links.values());
        links.clear();
        open.forEach(Sys::close);
    }
}
