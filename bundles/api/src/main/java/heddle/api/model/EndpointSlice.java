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

    /** One endpoint. A missing condition reads as ready (Kubernetes API, EndpointConditions). */
    public record Entry(List<InetAddress> addresses, boolean ready, boolean serving, boolean terminating, String zone, String node,
                        Optional<ObjectKey> target) {
        public Entry {
            addresses = List.copyOf(addresses);
        }
    }
}
