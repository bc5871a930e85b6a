package heddle.api.steer;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Where a connection wanted to go and who made it.
 *  @param destination the Service address and port
 *  @param source      the client's address, as far as it tells clients apart
 *  @param workload    a {@link SteeringPlan.Member#id()}; 0 = not known by its cgroup */
public record Origin(InetSocketAddress destination, InetSocketAddress source, int workload) {
    /** No record: somebody dialled the listener itself. The connection is closed and counted. */
    public static final Origin NONE = new Origin(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
}
