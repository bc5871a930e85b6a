package heddle.api.model;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** discovery.k8s.io/v1 EndpointSlice; {@code serviceName} is its label {@code kubernetes.io/service-name}. */
public record EndpointSlice(Metadata metadata, String serviceName, String addressType, List<Port> ports, List<Entry> endpoints)
        implements MeshObject {
    public EndpointSlice {
        ports = List.copyOf(ports);
        endpoints = List.copyOf(endpoints);
    }

    /** A port of every endpoint in the slice, tied to the Service's port by name. */
    public record Port(String name, int port, String protocol, Optional<String> appProtocol) {}

    /** One endpoint. A missing condition reads as ready (Kubernetes API, EndpointConditions).
     *  @param forZones zones that are to use it, as {@code hints} say; empty = no hint
     *  @param forNodes likewise nodes */
    public record Entry(List<InetAddress> addresses, boolean ready, boolean serving, boolean terminating, String zone, String node,
                        Optional<ObjectKey> target, List<String> forZones, List<String> forNodes) {
        public Entry {
            addresses = List.copyOf(addresses);
            forZones = List.copyOf(forZones);
            forNodes = List.copyOf(forNodes);
        }

        /** Without hints. */
        public Entry(List<InetAddress> addresses, boolean ready, boolean serving, boolean terminating, String zone, String node, Optional<ObjectKey> target) {
            this(addresses, ready, serving, terminating, zone, node, target, List.of(), List.of());
        }
    }
}
