package heddle.steer.bind.internal;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** One listening TCP socket, non-blocking, owned by its maker. */
final class Listener implements AutoCloseable {
    private static final int BACKLOG = 4096;

    private final InetSocketAddress address;
    private int fd;

    private Listener(InetSocketAddress address, int fd) {
        this.address = address;
        this.fd = fd;
    }

    /** @throws BindException with the errno and what to do about it */
    static Listener open(InetSocketAddress address) throws BindException {
        boolean v6 = address.getAddress() instanceof Inet6Address;
        int fd = check("socket", address,
                Libc.socket(v6 ? Libc.AF_INET6 : Libc.AF_INET, Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC));
        try {
            check("SO_REUSEADDR", address, Libc.setOption(fd, Libc.SOL_SOCKET, Libc.SO_REUSEADDR, 1));
            if (v6) {
                check("IPV6_V6ONLY", address, Libc.setOption(fd, Libc.IPPROTO_IPV6, Libc.IPV6_V6ONLY, 1));
            }
            check("bind", address, Libc.bind(fd, sockaddr(address)));
            check("listen", address, Libc.listen(fd, BACKLOG));
        } catch (BindException e) {
            Libc.close(fd);
            throw e;
        }
        return new Listener(address, fd);
    }

    /** Goes on with a socket that listens at this address already. */
    static Listener of(InetSocketAddress address, int fd) {
        return new Listener(address, fd);
    }

    InetSocketAddress address() {
        return address;
    }

    /** A descriptor of the same socket; the caller owns it. */
    synchronized int duplicate() throws IOException {
        if (fd < 0) {
            throw new IOException("the listener of " + Text.of(address) + " is closed");
        }
        int copy = Libc.duplicate(fd);
        if (copy < 0) {
            throw new IOException("cannot duplicate the listener of " + Text.of(address) + ": " + Errno.name(-copy));
        }
        return copy;
    }

    @Override
    public synchronized void close() {
        if (fd >= 0) {
            Libc.close(fd);
            fd = -1;
        }
    }

    /** struct sockaddr_in or sockaddr_in6: family in host order, the rest in network order. */
    private static byte[] sockaddr(InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        byte[] raw = ip.getAddress();
        boolean v6 = raw.length == 16;
        ByteBuffer buffer = ByteBuffer.allocate(v6 ? 28 : 16).order(ByteOrder.nativeOrder());
        buffer.putShort((short) (v6 ? Libc.AF_INET6 : Libc.AF_INET));
        buffer.put((byte) (address.getPort() >> 8)).put((byte) address.getPort());
        if (v6) {
            buffer.putInt(0);
        }
        buffer.put(raw);
        if (v6) {
            buffer.putInt(((Inet6Address) ip).getScopeId());
        }
        return buffer.array();
    }

    private static int check(String call, InetSocketAddress address, int result) throws BindException {
        if (result < 0) {
            throw new BindException(call, address, -result);
        }
        return result;
    }
}
