package heddle.steer.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/** errno as the failing call itself left it; means nothing after a call that succeeded. */
final class Errno {
    static final StructLayout LAYOUT = Linker.Option.captureStateLayout();
    private static final VarHandle VALUE = LAYOUT.varHandle(PathElement.groupElement("errno"));

    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EEXIST = 17;
    static final int ENODEV = 19;
    static final int ENOLINK = 67;
    static final int EADDRINUSE = 98;

    private static final String[] NAMES = {"0", "EPERM", "ENOENT", "ESRCH", "EINTR", "EIO", "ENXIO", "E2BIG", "ENOEXEC", "EBADF", "ECHILD",
        "EAGAIN", "ENOMEM", "EACCES", "EFAULT", "ENOTBLK", "EBUSY", "EEXIST", "EXDEV", "ENODEV", "ENOTDIR", "EISDIR", "EINVAL", "ENFILE",
        "EMFILE", "ENOTTY", "ETXTBSY", "EFBIG", "ENOSPC", "ESPIPE", "EROFS", "EMLINK", "EPIPE", "EDOM", "ERANGE"};

    private Errno() {}

    static MemorySegment allocate(Arena call) {
        return call.allocate(LAYOUT);
    }

    static int of(MemorySegment state) {
        return (int) VALUE.get(state, 0L);
    }

    static String name(int errno) {
        if (errno >= 0 && errno < NAMES.length) return NAMES[errno];
        return switch (errno) {
            case 38 -> "ENOSYS";
            case ENOLINK -> "ENOLINK";
            case 92 -> "ENOPROTOOPT";
            case 95 -> "EOPNOTSUPP";
            case 97 -> "EAFNOSUPPORT";
            case EADDRINUSE -> "EADDRINUSE";
            case 99 -> "EADDRNOTAVAIL";
            case 101 -> "ENETUNREACH";
            case 111 -> "ECONNREFUSED";
            case 524 -> "ENOTSUPP";
            default -> "errno " + errno;
        };
    }
}
