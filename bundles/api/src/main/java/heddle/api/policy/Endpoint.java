package heddle.api.policy;

import java.net.InetSocketAddress;

/** One address of a backend. Equal when address, zone and node are. */
public record Endpoint(InetSocketAddress address, String zone, String node) {}
