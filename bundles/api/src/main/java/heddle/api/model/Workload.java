package heddle.api.model;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** heddle.io/v1alpha1 Workload: a program (or pod) of this node, as a client and as an endpoint.
 *  On Kubernetes the source makes one for each pod of the node.
 *  @param cgroup           absolute path, or relative to the cgroup2 mount; absent = {@code heddle/workloads/NAMESPACE/NAME}
 *  @param networkNamespace a bind-mounted namespace file; absent = found through the processes of the cgroup
 *  @param labels           the client's labels: what {@code heddle.io/client-selector} and Service selectors match
 *  @param addresses        its own addresses: endpoints of Services that select it, and its identity under steer-bind
 *  @param ports            named ports, for Services whose targetPort is a name */
public record Workload(Metadata metadata, String serviceAccount, Optional<Path> cgroup, Optional<Path> networkNamespace,
                       Map<String, String> labels, List<InetAddress> addresses, Map<String, Integer> ports, boolean ready, String zone)
        implements MeshObject {
    public Workload {
        labels = Map.copyOf(labels);
        addresses = List.copyOf(addresses);
        ports = Map.copyOf(ports);
    }
}
