package heddle.steer.internal;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** The loaded object: programs in the kernel, and maps, new ones or those a predecessor pinned. Lives as long as the steering; closing
 *  it gives descriptors back, not what is pinned or attached. */
final class BpfObject implements AutoCloseable {
    static final List<String> MAPS = List.of("mesh_svcs", "mesh_backends", "mesh_lsns", "mesh_lsn_mark", "mesh_sk_orig", "mesh_flows",
            "mesh_uflows", "mesh_wls", "mesh_cfg", "mesh_stats", "mesh_events", "mesh_seen");

    private final Arena arena = Arena.ofShared();
    private final MemorySegment object;
    private final Map<String, BpfMap> maps = new LinkedHashMap<>();
    private final Map<Program, Integer> programs = new EnumMap<>(Program.class);

    /** @param adopt whether maps that are pinned already are used instead of new ones */
    BpfObject(byte[] elf, Pins pins, boolean adopt) {
        BpfLog.install();
        BpfLog.forget();
        MemorySegment errno = Errno.allocate(arena);
        MemorySegment bytes = arena.allocate(elf.length, 8);
        bytes.copyFrom(MemorySegment.ofArray(elf));
        object = Libbpf.objectOpen(errno, bytes, elf.length, MemorySegment.NULL);
        if (object.address() == 0) {
            int error = Errno.of(errno);
            arena.close();
            BpfLog.release();
            throw new NativeException("open BPF object", error);
        }
        try {
            for (String name : MAPS) if (adopt) adopt(errno, name, pins);
            int rc = Libbpf.objectLoad(errno, object);
            if (rc < 0) throw new NativeException("load BPF object", -rc);
            for (String name : MAPS) {
                MemorySegment map = find(errno, name);
                maps.put(name, new BpfMap(name, Libbpf.mapFd(errno, map), Libbpf.mapKeySize(errno, map), Libbpf.mapValueSize(errno, map)));
            }
            for (Program program : Program.values()) {
                MemorySegment found = Libbpf.findProgram(errno, object, Native.text(arena, program.symbol));
                if (found.address() == 0) throw new NativeException("find program " + program.symbol, Errno.ENOENT);
                programs.put(program, Sys.check(Libbpf.programFd(errno, found), errno, "program " + program.symbol));
            }
        } catch (RuntimeException failed) {
            close();
            throw failed;
        }
    }

    /** The object that travels in this bundle. */
    static byte[] bundled() throws IOException {
        try (InputStream in = BpfObject.class.getResourceAsStream("mesh.bpf.o")) {
            if (in == null) throw new IOException("this bundle has no mesh.bpf.o: it was built without clang");
            return in.readAllBytes();
        }
    }

    private MemorySegment find(MemorySegment errno, String name) {
        MemorySegment map = Libbpf.findMap(errno, object, Native.text(arena, name));
        if (map.address() == 0) throw new NativeException("find map " + name, Errno.ENOENT);
        return map;
    }

    private void adopt(MemorySegment errno, String name, Pins pins) {
        OptionalInt pinned = Pins.open(pins.maps().resolve(name));
        if (pinned.isEmpty()) return;
        int fd = pinned.getAsInt();
        try {
            MemorySegment map = find(errno, name);
            MemorySegment info = arena.allocate(256, 8);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, 256);
            Sys.check(Libbpf.objInfo(errno, fd, info, length), errno, "look at pinned map " + name);
            int keySize = info.get(ValueLayout.JAVA_INT, 8);
            int valueSize = info.get(ValueLayout.JAVA_INT, 12);
            if (keySize != Libbpf.mapKeySize(errno, map) || valueSize != Libbpf.mapValueSize(errno, map)) {
                throw new IllegalStateException("pinned map " + pins.maps().resolve(name) + " has another layout (key " + keySize + ", value "
                        + valueSize + " bytes); run `heddle clean`");
            }
            Sys.check(Libbpf.mapReuse(errno, map, fd), errno, "reuse pinned map " + name);
        } finally {
            Sys.close(fd);
        }
    }

    void pinMaps(Pins pins) {
        for (Map.Entry<String, BpfMap> map : maps.entrySet()) {
            var pin = pins.maps().resolve(map.getKey());
            if (!java.nio.file.Files.exists(pin)) Pins.pin(map.getValue().fd(), pin);
        }
    }

    BpfMap map(String name) {
        BpfMap map = maps.get(name);
        if (map == null) throw new IllegalArgumentException("no map " + name);
        return map;
    }

    /** {@code bpf_prog_info.verified_insns} */
    int verifiedInstructions(Program program) {
        return info(program, 216);
    }

    /** {@code bpf_prog_info.id} */
    int id(Program program) {
        return info(program, 4);
    }

    private int info(Program program, int offset) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(call);
            MemorySegment info = call.allocate(256, 8);
            Sys.check(Libbpf.objInfo(errno, program(program), info, call.allocateFrom(ValueLayout.JAVA_INT, 256)), errno, "look at program " + program.symbol);
            return info.get(ValueLayout.JAVA_INT, offset);
        }
    }

    int program(Program program) {
        return programs.get(program);
    }

    @Override public void close() {
        if (!arena.scope().isAlive()) return;
        try (Arena call = Arena.ofConfined()) {
            Libbpf.objectClose(Errno.allocate(call), object);
        }
        arena.close();
        BpfLog.release();
    }
}
