package heddle.core.internal;

import heddle.api.policy.Endpoint;
import java.util.List;
import java.util.function.Predicate;

/** Keeps traffic near, as kube-proxy does (pkg/proxy/topology.go): hints of EndpointSlices count when every ready endpoint has them and one
 *  is for here. Without any hint a Service's {@code trafficDistribution} is followed by the endpoints' own nodes and zones, for slices that
 *  nobody writes hints into. None near: all of them. */
final class Nearest {
    /** Where this daemon is. @param zone "" = not known */
    record Here(String node, String zone) {
        static final Here NOWHERE = new Here("", "");
    }

    /** A ready endpoint with its hints. */
    record Hinted(Endpoint endpoint, List<String> forZones, List<String> forNodes) {}

    private Nearest() {}

    static List<Endpoint> of(List<Hinted> ready, String distribution, Here here) {
        List<Hinted> near = near(ready, distribution, here);
        return near.stream().map(Hinted::endpoint).toList();
    }

    private static List<Hinted> near(List<Hinted> ready, String distribution, Here here) {
        if (ready.isEmpty()) return ready;
        boolean nodeHints = ready.stream().noneMatch(each -> each.forNodes().isEmpty());
        boolean zoneHints = ready.stream().noneMatch(each -> each.forZones().isEmpty());
        boolean anyHint = ready.stream().anyMatch(each -> !each.forNodes().isEmpty() || !each.forZones().isEmpty());
        boolean sameNode = distribution.equals("PreferSameNode");
        if (sameNode && !here.node().isEmpty()) {
            List<Hinted> local = nodeHints ? only(ready, each -> each.forNodes().contains(here.node()))
                    : anyHint ? List.of() : only(ready, each -> each.endpoint().node().equals(here.node()));
            if (!local.isEmpty()) return local;
        }
        if (!here.zone().isEmpty()) {
            List<Hinted> zonal = zoneHints ? only(ready, each -> each.forZones().contains(here.zone()))
                    : anyHint || distribution.isEmpty() ? List.of() : only(ready, each -> each.endpoint().zone().equals(here.zone()));
            if (!zonal.isEmpty()) return zonal;
        }
        return ready;
    }

    private static List<Hinted> only(List<Hinted> ready, Predicate<Hinted> wanted) {
        return ready.stream().filter(wanted).toList();
    }
}
