package heddle.steer.bind.internal;

import java.net.Inet6Address;
import java.net.InetSocketAddress;

/** How addresses are written in messages and place ids. */
final class Text {
    private Text() {}

    static String of(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (address.getAddress() instanceof Inet6Address ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
