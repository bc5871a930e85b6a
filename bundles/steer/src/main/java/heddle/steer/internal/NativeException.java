package heddle.steer.internal;

/** A native call that failed: what was tried, and errno by name. */
public final class NativeException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int errno;

    NativeException(String what, int errno) {
        super(what + ": " + Errno.name(errno) + (errno == Errno.EPERM ? " (needs CAP_BPF, CAP_NET_ADMIN and CAP_SYS_ADMIN)" : ""));
        this.errno = errno;
    }

    public int errno() {
        return errno;
    }
}
