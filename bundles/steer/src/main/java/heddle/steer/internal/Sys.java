package heddle.steer.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** System calls with exceptions. Any thread. */
final class Sys {
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int IPPROTO_TCP = 6;
    static final int IPPROTO_UDP = 17;
    private static final int SOCK_STREAM_NONBLOCK_CLOEXEC = 1 | 0x800 | 0x80000;
    private static final int O_RDONLY_CLOEXEC = 0x80000;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int SOL_SOCKET = 1;
    private static final int SO_NETNS_COOKIE = 71;
    private static final int TCP_INFO = 11;
    private static final int TCP_INFO_UNACKED = 24;
    private static final int CLONE_NEWNET = 0x40000000;
    private static final int CLONE_NEWCGROUP = 0x02000000;
    private static final int CLOCK_MONOTONIC = 1;
    private static final int BACKLOG = 4096;
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final int IFF_UP = 1;

    private Sys() {}

    static int open(Path path) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(call);
            return check(Libc.open(errno, Native.text(call, path.toString()), O_RDONLY_CLOEXEC), errno, "open " + path);
        }
    }

    /** Failing to close is nothing one could act on. */
    static void close(int fd) {
        if (fd < 0) return;
        try (Arena call = Arena.ofConfined()) {
            Libc.close(Errno.allocate(call), fd);
        }
    }

    static int duplicate(int fd) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(call);
            return check(Libc.fcntl(errno, fd, F_DUPFD_CLOEXEC, 3), errno, "duplicate descriptor " + fd);
        }
    }

    static void enterNetworkNamespace(int fd) {
        enterNamespace(fd, CLONE_NEWNET);
    }

    static void enterCgroupNamespace(int fd) {
        enterNamespace(fd, CLONE_NEWCGROUP);
    }

    private static void enterNamespace(int fd, int kind) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(call);
            check(Libc.setns(errno, fd, kind), errno, "setns");
        }
    }

    /** A non-blocking socket that listens on the loopback address of the calling thread's network namespace, on the
     *  wanted port if it is free, else on one of the kernel's choice. */
    static int listenOnLoopback(int family, int wantedPort) {
        if (wantedPort != 0) {
            try {
                return listen(family, wantedPort);
            } catch (NativeException taken) {
                if (taken.errno() != Errno.EADDRINUSE) throw taken;
            }
        }
        return listen(family, 0);
    }

    private static int listen(int family, int port) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(call);
            String what = family == AF_INET ? "listener on 127.0.0.1" : "listener on [::1]";
            int fd = check(Libc.socket(errno, family, SOCK_STREAM_NONBLOCK_CLOEXEC, IPPROTO_TCP), errno, what);
            try {
                MemorySegment address = call.allocate(28, 8);
                address.set(ValueLayout.JAVA_SHORT, 0, (short) family);
                address.set(ValueLayout.JAVA_BYTE, 2, (byte) (port >> 8));
                address.set(ValueLayout.JAVA_BYTE, 3, (byte) port);
                if (family == AF_INET) {
                    address.set(ValueLayout.JAVA_BYTE, 4, (byte) 127);
                    address.set(ValueLayout.JAVA_BYTE, 7, (byte) 1);
                } else {
                    address.set(ValueLayout.JAVA_BYTE, 23, (byte) 1);
                }
                check(Libc.bind(errno, fd, address, family == AF_INET ? 16 : 28), errno, what);
                check(Libc.listen(errno, fd, BACKLOG), errno, what);
                return fd;
            } catch (RuntimeException failed) {
                close(fd);
                throw failed;
            }
        }
    }

    static int localPort(int fd) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(call);
            MemorySegment address = call.allocate(28, 8);
            MemorySegment length = call.allocateFrom(ValueLayout.JAVA_INT, 28);
            check(Libc.getsockname(errno, fd, address, length), errno, "getsockname");
            return (address.get(ValueLayout.JAVA_BYTE, 2) & 0xff) << 8 | address.get(ValueLayout.JAVA_BYTE, 3) & 0xff;
        }
    }

    /** The cookie of the network namespace a socket belongs to. Linux 5.14. */
    static long networkNamespaceCookie(int socket) {
        try (Arena call = Arena.ofConfined()) {
            return option(call, socket, SOL_SOCKET, SO_NETNS_COOKIE, 8, "SO_NETNS_COOKIE").get(ValueLayout.JAVA_LONG, 0);
        }
    }

    /** Connections of a listening socket that nobody has accepted yet. */
    static int waitingToBeAccepted(int listener) {
        try (Arena call = Arena.ofConfined()) {
            return option(call, listener, IPPROTO_TCP, TCP_INFO, 104, "TCP_INFO").get(ValueLayout.JAVA_INT, TCP_INFO_UNACKED);
        }
    }

    private static MemorySegment option(Arena call, int socket, int level, int option, int size, String name) {
        MemorySegment errno = Errno.allocate(call);
        MemorySegment value = call.allocate(size, 8);
        MemorySegment length = call.allocateFrom(ValueLayout.JAVA_INT, size);
        check(Libc.getsockopt(errno, socket, level, option, value, length), errno, name);
        return value;
    }

    /** Whether {@code lo} is up in a socket's namespace: without it nothing can reach a listener there. */
    static boolean loopbackUp(int socket) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment request = call.allocate(40, 8);
            request.setString(0, "lo");
            int rc = Libc.ioctl(Errno.allocate(call), socket, SIOCGIFFLAGS, request);
            return rc == 0 && (request.get(ValueLayout.JAVA_SHORT, 16) & IFF_UP) != 0;
        }
    }

    /** CLOCK_MONOTONIC, the clock of bpf_ktime_get_ns. */
    static long monotonicNanos() {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(call);
            MemorySegment time = call.allocate(16, 8);
            check(Libc.clockGettime(errno, CLOCK_MONOTONIC, time), errno, "clock_gettime");
            return time.get(ValueLayout.JAVA_LONG, 0) * 1_000_000_000L + time.get(ValueLayout.JAVA_LONG, 8);
        }
    }

    static void mountBpffs(String source, Path target) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(call);
            long nosuidNodevNoexec = 2 | 4 | 8;
            check(Libc.mount(errno, Native.text(call, source), Native.text(call, target.toString()), Native.text(call, "bpf"),
                    nosuidNodevNoexec, Native.text(call, "mode=0700")), errno, "mount bpffs at " + target);
        }
    }

    static void unmount(Path target) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(call);
            check(Libc.umount(errno, Native.text(call, target.toString()), 0), errno, "unmount " + target);
        }
    }

    static int check(int result, MemorySegment errno, String what) {
        if (result < 0) throw new NativeException(what, Errno.of(errno));
        return result;
    }
}
