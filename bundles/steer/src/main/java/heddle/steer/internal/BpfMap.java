package heddle.steer.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A map by its descriptor, which the {@link BpfObject} owns. Keys and values are whole structs in bytes. Any thread. */
final class BpfMap {
    private final String name;
    private final int fd;
    private final int keySize;
    private final int valueSize;

    BpfMap(String name, int fd, int keySize, int valueSize) {
        this.name = name;
        this.fd = fd;
        this.keySize = keySize;
        this.valueSize = valueSize;
    }

    int fd() {
        return fd;
    }

    void put(byte[] key, byte[] value) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(call);
            Sys.check(Libbpf.mapUpdate(errno, fd, copy(call, key), copy(call, value), Libbpf.ANY), errno, "update map " + name);
        }
    }

    Optional<byte[]> get(byte[] key) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment value = call.allocate(valueSize, 8);
            return lookup(call, key, value) ? Optional.of(value.toArray(ValueLayout.JAVA_BYTE)) : Optional.empty();
        }
    }

    /** The sum over all processors of a per-cpu counter. */
    long sum(byte[] key, int cpus) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment values = call.allocate(8L * cpus, 8);
            if (!lookup(call, key, values)) return 0;
            long sum = 0;
            for (int cpu = 0; cpu < cpus; cpu++) sum += values.getAtIndex(ValueLayout.JAVA_LONG, cpu);
            return sum;
        }
    }

    private boolean lookup(Arena call, byte[] key, MemorySegment value) {
        MemorySegment errno = Errno.allocate(call);
        int rc = Libbpf.mapLookup(errno, fd, copy(call, key), value);
        if (rc < 0 && Errno.of(errno) == Errno.ENOENT) return false;
        Sys.check(rc, errno, "look up in map " + name);
        return true;
    }

    /** True if it was there. */
    boolean delete(byte[] key) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(call);
            int rc = Libbpf.mapDelete(errno, fd, copy(call, key));
            if (rc < 0 && Errno.of(errno) == Errno.ENOENT) return false;
            Sys.check(rc, errno, "delete from map " + name);
            return true;
        }
    }

    /** Every key there is; meant for when nobody else writes. */
    List<byte[]> keys() {
        List<byte[]> keys = new ArrayList<>();
        try (Arena call = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(call);
            MemorySegment key = call.allocate(keySize, 8);
            MemorySegment next = call.allocate(keySize, 8);
            int rc = Libbpf.mapNextKey(errno, fd, MemorySegment.NULL, next);
            while (rc == 0) {
                keys.add(next.toArray(ValueLayout.JAVA_BYTE));
                key.copyFrom(next);
                rc = Libbpf.mapNextKey(errno, fd, key, next);
            }
            if (Errno.of(errno) != Errno.ENOENT) throw new NativeException("list map " + name, Errno.of(errno));
        }
        return keys;
    }

    private static MemorySegment copy(Arena call, byte[] bytes) {
        MemorySegment segment = call.allocate(bytes.length, 8);
        segment.copyFrom(MemorySegment.ofArray(bytes));
        return segment;
    }
}
