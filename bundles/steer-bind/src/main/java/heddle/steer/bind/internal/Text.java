package heddle.steer.bind.internal;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.format.DateTimeParseException;

/** How addresses are written in messages and place ids. */
final class Text {
    private Text() {}

    /** A Gateway API duration; {@code 60s}, {@code 1m30s}, {@code 500ms}. */
    static long nanos(String duration) {
        try {
            return duration.endsWith("ms") ? Duration.ofMillis(Long.parseLong(duration.substring(0, duration.length() - 2))).toNanos()
                    : Duration.parse("PT" + duration).toNanos();
        } catch (DateTimeParseException | NumberFormatException e) {
            throw new IllegalArgumentException("duration: " + duration + " (expected like 60s, 1m30s, 500ms)");
        }
    }

    static String of(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (address.getAddress() instanceof Inet6Address ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
