package heddle.steer.internal;

import static heddle.steer.internal.Native.INT;
import static heddle.steer.internal.Native.LONG;
import static heddle.steer.internal.Native.PTR;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** libbpf as its headers declare it (bpf/libbpf.h, bpf/bpf.h, 1.0 and later); a test compares every signature with them. The library
 *  is never unloaded: live links would dangle. Callers look at the result first, at errno only after a failure. */
final class Libbpf {
    static final Native LIB = new Native(SymbolLookup.libraryLookup("libbpf.so.1", Arena.global()));

    static final long ANY = 0;

    private static final MethodHandle SET_PRINT = LIB.function("libbpf_set_print", PTR, PTR);
    private static final MethodHandle OBJECT_OPEN = LIB.function("bpf_object__open_mem", PTR, PTR, LONG, PTR);
    private static final MethodHandle OBJECT_LOAD = LIB.function("bpf_object__load", INT, PTR);
    private static final MethodHandle OBJECT_CLOSE = LIB.procedure("bpf_object__close", PTR);
    private static final MethodHandle FIND_MAP = LIB.function("bpf_object__find_map_by_name", PTR, PTR, PTR);
    private static final MethodHandle FIND_PROGRAM = LIB.function("bpf_object__find_program_by_name", PTR, PTR, PTR);
    private static final MethodHandle MAP_FD = LIB.function("bpf_map__fd", INT, PTR);
    private static final MethodHandle MAP_KEY_SIZE = LIB.function("bpf_map__key_size", INT, PTR);
    private static final MethodHandle MAP_VALUE_SIZE = LIB.function("bpf_map__value_size", INT, PTR);
    private static final MethodHandle MAP_REUSE = LIB.function("bpf_map__reuse_fd", INT, PTR, INT);
    private static final MethodHandle PROGRAM_FD = LIB.function("bpf_program__fd", INT, PTR);
    private static final MethodHandle OBJ_GET = LIB.function("bpf_obj_get", INT, PTR);
    private static final MethodHandle OBJ_PIN = LIB.function("bpf_obj_pin", INT, INT, PTR);
    private static final MethodHandle OBJ_INFO = LIB.function("bpf_obj_get_info_by_fd", INT, INT, PTR, PTR);
    private static final MethodHandle LINK_CREATE = LIB.function("bpf_link_create", INT, INT, INT, INT, PTR);
    private static final MethodHandle LINK_UPDATE = LIB.function("bpf_link_update", INT, INT, INT, PTR);
    private static final MethodHandle MAP_UPDATE = LIB.function("bpf_map_update_elem", INT, INT, PTR, PTR, LONG);
    private static final MethodHandle MAP_LOOKUP = LIB.function("bpf_map_lookup_elem", INT, INT, PTR, PTR);
    private static final MethodHandle MAP_DELETE = LIB.function("bpf_map_delete_elem", INT, INT, PTR);
    private static final MethodHandle MAP_NEXT_KEY = LIB.function("bpf_map_get_next_key", INT, INT, PTR, PTR);
    private static final MethodHandle POSSIBLE_CPUS = LIB.function("libbpf_num_possible_cpus", INT);
    private static final MethodHandle RING_NEW = LIB.function("ring_buffer__new", PTR, INT, PTR, PTR, PTR);
    private static final MethodHandle RING_POLL = LIB.function("ring_buffer__poll", INT, PTR, INT);
    private static final MethodHandle RING_FREE = LIB.procedure("ring_buffer__free", PTR);

    private Libbpf() {}

    static MemorySegment setPrint(MemorySegment errno, MemorySegment printer) {
        try {
            return (MemorySegment) SET_PRINT.invokeExact(errno, printer);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static MemorySegment objectOpen(MemorySegment errno, MemorySegment bytes, long length, MemorySegment options) {
        try {
            return (MemorySegment) OBJECT_OPEN.invokeExact(errno, bytes, length, options);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int objectLoad(MemorySegment errno, MemorySegment object) {
        try {
            return (int) OBJECT_LOAD.invokeExact(errno, object);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static void objectClose(MemorySegment errno, MemorySegment object) {
        try {
            OBJECT_CLOSE.invokeExact(errno, object);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static MemorySegment findMap(MemorySegment errno, MemorySegment object, MemorySegment name) {
        try {
            return (MemorySegment) FIND_MAP.invokeExact(errno, object, name);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static MemorySegment findProgram(MemorySegment errno, MemorySegment object, MemorySegment name) {
        try {
            return (MemorySegment) FIND_PROGRAM.invokeExact(errno, object, name);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int mapFd(MemorySegment errno, MemorySegment map) {
        try {
            return (int) MAP_FD.invokeExact(errno, map);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int mapKeySize(MemorySegment errno, MemorySegment map) {
        try {
            return (int) MAP_KEY_SIZE.invokeExact(errno, map);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int mapValueSize(MemorySegment errno, MemorySegment map) {
        try {
            return (int) MAP_VALUE_SIZE.invokeExact(errno, map);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int mapReuse(MemorySegment errno, MemorySegment map, int fd) {
        try {
            return (int) MAP_REUSE.invokeExact(errno, map, fd);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int programFd(MemorySegment errno, MemorySegment program) {
        try {
            return (int) PROGRAM_FD.invokeExact(errno, program);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int objGet(MemorySegment errno, MemorySegment path) {
        try {
            return (int) OBJ_GET.invokeExact(errno, path);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int objPin(MemorySegment errno, int fd, MemorySegment path) {
        try {
            return (int) OBJ_PIN.invokeExact(errno, fd, path);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int objInfo(MemorySegment errno, int fd, MemorySegment info, MemorySegment length) {
        try {
            return (int) OBJ_INFO.invokeExact(errno, fd, info, length);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int linkCreate(MemorySegment errno, int program, int target, int type, MemorySegment options) {
        try {
            return (int) LINK_CREATE.invokeExact(errno, program, target, type, options);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int linkUpdate(MemorySegment errno, int link, int program, MemorySegment options) {
        try {
            return (int) LINK_UPDATE.invokeExact(errno, link, program, options);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int mapUpdate(MemorySegment errno, int fd, MemorySegment key, MemorySegment value, long flags) {
        try {
            return (int) MAP_UPDATE.invokeExact(errno, fd, key, value, flags);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int mapLookup(MemorySegment errno, int fd, MemorySegment key, MemorySegment value) {
        try {
            return (int) MAP_LOOKUP.invokeExact(errno, fd, key, value);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int mapDelete(MemorySegment errno, int fd, MemorySegment key) {
        try {
            return (int) MAP_DELETE.invokeExact(errno, fd, key);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int mapNextKey(MemorySegment errno, int fd, MemorySegment key, MemorySegment next) {
        try {
            return (int) MAP_NEXT_KEY.invokeExact(errno, fd, key, next);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int possibleCpus(MemorySegment errno) {
        try {
            return (int) POSSIBLE_CPUS.invokeExact(errno);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static MemorySegment ringNew(MemorySegment errno, int fd, MemorySegment callback, MemorySegment context, MemorySegment options) {
        try {
            return (MemorySegment) RING_NEW.invokeExact(errno, fd, callback, context, options);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int ringPoll(MemorySegment errno, MemorySegment ring, int timeoutMillis) {
        try {
            return (int) RING_POLL.invokeExact(errno, ring, timeoutMillis);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static void ringFree(MemorySegment errno, MemorySegment ring) {
        try {
            RING_FREE.invokeExact(errno, ring);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }
}
