package heddle.steer.bind.internal;

import java.io.IOException;
import java.net.InetSocketAddress;

/** An address that cannot be listened on; the message holds errno and the next step. */
final class BindException extends IOException {
    private static final long serialVersionUID = 1;

    BindException(String call, InetSocketAddress address, int errno) {
        super(call + " " + Text.of(address) + ": " + Errno.name(errno) + nextStep(address, errno));
    }

    private static String nextStep(InetSocketAddress address, int errno) {
        return switch (errno) {
            case Errno.EACCES -> " (a port below 1024 needs CAP_NET_BIND_SERVICE, or: sysctl net.ipv4.ip_unprivileged_port_start="
                    + address.getPort() + ")";
            case Errno.EADDRINUSE -> " (another process listens there; see: ss -ltnp 'sport = :" + address.getPort() + "')";
            case Errno.EADDRNOTAVAIL -> " (not an address of this host: give the Service a clusterIP in 127.0.0.0/8, leave clusterIP out, or use steering: ebpf)";
            case Errno.EAFNOSUPPORT -> " (this host has IPv6 switched off)";
            case Errno.EMFILE, Errno.ENFILE -> " (too many open files: raise LimitNOFILE or ulimit -n)";
            default -> "";
        };
    }
}
