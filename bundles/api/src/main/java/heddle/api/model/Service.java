package heddle.api.model;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/** v1 Service, as far as a mesh reads it.
 *  @param clusterIps      empty for headless and ExternalName; one or two (dual stack) otherwise
 *  @param sessionAffinity {@code None} or {@code ClientIP}
 *  @param trafficDistribution {@code ""}, {@code PreferClose}, {@code PreferSameZone} or {@code PreferSameNode} */
public record Service(Metadata metadata, String type, List<InetAddress> clusterIps, boolean headless, List<ServicePort> ports,
                      Map<String, String> selector, String sessionAffinity, String trafficDistribution) implements MeshObject {
    public Service {
        clusterIps = List.copyOf(clusterIps);
        ports = List.copyOf(ports);
        selector = Map.copyOf(selector);
    }
}
