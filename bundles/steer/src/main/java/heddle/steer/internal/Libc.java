package heddle.steer.internal;

import static heddle.steer.internal.Native.INT;
import static heddle.steer.internal.Native.LONG;
import static heddle.steer.internal.Native.PTR;

import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The few calls of libc that Java has no class for. Raw: {@link Sys} gives them exceptions. */
final class Libc {
    static final Native LIB = new Native(Linker.nativeLinker().defaultLookup());

    private static final MethodHandle OPEN = LIB.variadic("open", 2, INT, PTR, INT);
    private static final MethodHandle CLOSE = LIB.function("close", INT, INT);
    private static final MethodHandle FCNTL = LIB.variadic("fcntl", 2, INT, INT, INT, INT);
    private static final MethodHandle SOCKET = LIB.function("socket", INT, INT, INT, INT);
    private static final MethodHandle BIND = LIB.function("bind", INT, INT, PTR, INT);
    private static final MethodHandle LISTEN = LIB.function("listen", INT, INT, INT);
    private static final MethodHandle GETSOCKNAME = LIB.function("getsockname", INT, INT, PTR, PTR);
    private static final MethodHandle GETSOCKOPT = LIB.function("getsockopt", INT, INT, INT, INT, PTR, PTR);
    private static final MethodHandle SETNS = LIB.function("setns", INT, INT, INT);
    private static final MethodHandle IOCTL = LIB.variadic("ioctl", 2, INT, INT, LONG, PTR);
    private static final MethodHandle MOUNT = LIB.function("mount", INT, PTR, PTR, PTR, LONG, PTR);
    private static final MethodHandle UMOUNT = LIB.function("umount2", INT, PTR, INT);
    private static final MethodHandle CLOCK_GETTIME = LIB.function("clock_gettime", INT, INT, PTR);
    private static final MethodHandle VSNPRINTF = LIB.function("vsnprintf", INT, PTR, LONG, PTR, PTR);

    private Libc() {}

    static int open(MemorySegment errno, MemorySegment path, int flags) {
        try {
            return (int) OPEN.invokeExact(errno, path, flags);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int close(MemorySegment errno, int fd) {
        try {
            return (int) CLOSE.invokeExact(errno, fd);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int fcntl(MemorySegment errno, int fd, int command, int argument) {
        try {
            return (int) FCNTL.invokeExact(errno, fd, command, argument);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int socket(MemorySegment errno, int domain, int type, int protocol) {
        try {
            return (int) SOCKET.invokeExact(errno, domain, type, protocol);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int bind(MemorySegment errno, int fd, MemorySegment address, int length) {
        try {
            return (int) BIND.invokeExact(errno, fd, address, length);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int listen(MemorySegment errno, int fd, int backlog) {
        try {
            return (int) LISTEN.invokeExact(errno, fd, backlog);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int getsockname(MemorySegment errno, int fd, MemorySegment address, MemorySegment length) {
        try {
            return (int) GETSOCKNAME.invokeExact(errno, fd, address, length);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int getsockopt(MemorySegment errno, int fd, int level, int option, MemorySegment value, MemorySegment length) {
        try {
            return (int) GETSOCKOPT.invokeExact(errno, fd, level, option, value, length);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int setns(MemorySegment errno, int fd, int type) {
        try {
            return (int) SETNS.invokeExact(errno, fd, type);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int ioctl(MemorySegment errno, int fd, long request, MemorySegment argument) {
        try {
            return (int) IOCTL.invokeExact(errno, fd, request, argument);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int mount(MemorySegment errno, MemorySegment source, MemorySegment target, MemorySegment kind, long flags, MemorySegment data) {
        try {
            return (int) MOUNT.invokeExact(errno, source, target, kind, flags, data);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int umount(MemorySegment errno, MemorySegment target, int flags) {
        try {
            return (int) UMOUNT.invokeExact(errno, target, flags);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int clockGettime(MemorySegment errno, int clock, MemorySegment time) {
        try {
            return (int) CLOCK_GETTIME.invokeExact(errno, clock, time);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }

    static int vsnprintf(MemorySegment errno, MemorySegment buffer, long length, MemorySegment format, MemorySegment arguments) {
        try {
            return (int) VSNPRINTF.invokeExact(errno, buffer, length, format, arguments);
        } catch (Throwable thrown) {
            throw Native.wrongTypes(thrown);
        }
    }
}
