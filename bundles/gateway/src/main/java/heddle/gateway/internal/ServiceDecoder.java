package heddle.gateway.internal;

import heddle.api.model.Metadata;
import heddle.api.model.Service;
import heddle.api.model.ServicePort;
import heddle.gateway.ServiceDetails;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** v1 Service, checked as the API server does (k8s.io/api core/v1 ServiceSpec). */
final class ServiceDecoder {
    private static final TextRule TYPE = TextRule.oneOf("ClusterIP", "NodePort", "LoadBalancer", "ExternalName");
    private static final TextRule PROTOCOL = TextRule.oneOf("TCP", "UDP", "SCTP");
    private static final TextRule CLUSTER_IP = new TextRule("an IP address, None or nothing", 0, 45,
            text -> text.isEmpty() || text.equals("None") || Addresses.parse(text).isPresent());
    private static final TextRule FAMILY = TextRule.oneOf("IPv4", "IPv6");
    private static final TextRule AFFINITY = TextRule.oneOf("None", "ClientIP");
    private static final TextRule FAMILY_POLICY = TextRule.oneOf("SingleStack", "PreferDualStack", "RequireDualStack");
    private static final TextRule DISTRIBUTION = TextRule.oneOf("PreferClose", "PreferSameZone", "PreferSameNode");

    record Decoded(Service service, ServiceDetails details) {}

    static Decoded decode(Spot root, Metadata metadata) {
        Spot spec = root.field("spec");
        spec.isObject();
        String type = spec.field("type").text(TYPE, "ClusterIP");
        Set<String> written = new LinkedHashSet<>();
        spec.field("clusterIP").text(CLUSTER_IP).filter(ip -> !ip.isEmpty()).ifPresent(written::add);
        Spot list = spec.field("clusterIPs");
        List<String> ips = list.texts(0, 2, CLUSTER_IP, true);
        if (!written.isEmpty() && !ips.isEmpty() && !written.contains(ips.getFirst())) {
            list.problem("begins with " + ips.getFirst() + " (expected: clusterIP, " + written.iterator().next() + ")");
        }
        written.addAll(ips);
        boolean headless = written.contains("None");
        boolean external = type.equals("ExternalName");
        List<InetAddress> addresses = headless || external ? List.of()
                : written.stream().map(Addresses::parse).flatMap(Optional::stream).toList();
        if (addresses.size() == 2 && isV4(addresses.get(0)) == isV4(addresses.get(1))) {
            list.fail("one address of each family");
        }
        ServiceDetails details = new ServiceDetails(spec.field("ipFamilies").texts(0, 2, FAMILY, true),
                spec.field("ipFamilyPolicy").text(FAMILY_POLICY, "SingleStack"), spec.field("publishNotReadyAddresses").bool(false));
        Map<String, String> selector = spec.field("selector").strings(Rules.QUALIFIED_NAME, Rules.LABEL_VALUE);
        Service service = new Service(metadata, type, addresses, headless, ports(spec, !headless && !external), selector,
                spec.field("sessionAffinity").text(AFFINITY, "None"), spec.field("trafficDistribution").text(DISTRIBUTION, ""));
        spec.ignore("externalTrafficPolicy", "internalTrafficPolicy", "externalIPs", "externalName", "loadBalancerIP", "loadBalancerClass",
                "loadBalancerSourceRanges", "allocateLoadBalancerNodePorts", "healthCheckNodePort", "sessionAffinityConfig");
        spec.done();
        return new Decoded(service, details);
    }

    private static List<ServicePort> ports(Spot spec, boolean needed) {
        Spot list = needed ? spec.required("ports", "a list of ports") : spec.field("ports");
        List<Spot> spots = list.objects(0, Integer.MAX_VALUE);
        List<ServicePort> ports = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Set<String> numbers = new HashSet<>();
        for (Spot spot : spots) {
            Spot nameSpot = spots.size() > 1 ? spot.required("name", "a name, since there are several ports") : spot.field("name");
            String name = nameSpot.text(Rules.NAMESPACE, "");
            if (!names.add(name)) {
                nameSpot.fail("a name that no other port has");
            }
            Spot portSpot = spot.required("port", "a port");
            int port = portSpot.integer(1, References.MAX_PORT, 1);
            String protocol = spot.field("protocol").text(PROTOCOL, "TCP");
            if (!numbers.add(protocol + port)) {
                portSpot.fail("a port that no other entry of protocol " + protocol + " has");
            }
            Optional<String> appProtocol = spot.field("appProtocol").text(Rules.QUALIFIED_NAME);
            ports.add(new ServicePort(name, port, protocol, appProtocol, targetPort(spot.field("targetPort"), port)));
            spot.ignore("nodePort");
            spot.done();
        }
        return ports;
    }

    /** IntOrString: a number, or the name of a port of the workload. */
    private static String targetPort(Spot spot, int port) {
        if (spot.tree() instanceof Tree.Scalar scalar && scalar.kind() == Tree.Kind.STRING) {
            return spot.text(Rules.PORT_NAME, "");
        }
        return Integer.toString(spot.integer(1, References.MAX_PORT, port));
    }

    private static boolean isV4(InetAddress address) {
        return address instanceof Inet4Address;
    }

    private ServiceDecoder() {}
}
