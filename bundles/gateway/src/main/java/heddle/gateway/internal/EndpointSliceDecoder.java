package heddle.gateway.internal;

import heddle.api.model.EndpointSlice;
import heddle.api.model.Metadata;
import heddle.api.model.ObjectKey;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** discovery.k8s.io/v1 EndpointSlice. */
final class EndpointSliceDecoder {
    private static final TextRule ADDRESS_TYPE = TextRule.oneOf("IPv4", "IPv6", "FQDN");
    private static final TextRule PROTOCOL = TextRule.oneOf("TCP", "UDP", "SCTP");
    private static final TextRule PORT_NAME = new TextRule("empty or a DNS label of at most 63 characters", 0, 63,
            text -> text.isEmpty() || Rules.isLabel(text));

    static EndpointSlice decode(Spot root, Metadata metadata) {
        String type = root.required("addressType", ADDRESS_TYPE.expected()).text(ADDRESS_TYPE, "IPv4");
        List<EndpointSlice.Port> ports = new ArrayList<>();
        for (Spot spot : root.field("ports").objects(0, 20_000)) {
            String name = spot.field("name").text(PORT_NAME, "");
            String protocol = spot.field("protocol").text(PROTOCOL, "TCP");
            Optional<String> appProtocol = spot.field("appProtocol").text(Rules.QUALIFIED_NAME);
            Spot portSpot = spot.field("port");
            if (portSpot.present()) {
                ports.add(new EndpointSlice.Port(name, portSpot.integer(1, References.MAX_PORT, 1), protocol, appProtocol));
            } else {
                spot.warn("has no port, ignored");
            }
            spot.done();
        }
        List<EndpointSlice.Entry> entries = new ArrayList<>();
        for (Spot spot : root.field("endpoints").objects(0, 1_000)) {
            entries.add(entry(spot, type));
        }
        if (type.equals("FQDN")) {
            root.field("addressType").warn("FQDN endpoints are not used");
            entries.clear();
        }
        return new EndpointSlice(metadata, metadata.labels().getOrDefault("kubernetes.io/service-name", ""), type, ports, entries);
    }

    private static EndpointSlice.Entry entry(Spot spot, String type) {
        List<InetAddress> addresses = new ArrayList<>();
        Spot list = spot.required("addresses", "a list of addresses");
        for (Spot item : list.items(1, 100)) {
            Optional<InetAddress> address = item.text(type.equals("FQDN") ? Rules.PRECISE_HOSTNAME : Addresses.IP).flatMap(Addresses::parse);
            if (address.isPresent() && address.get() instanceof Inet4Address != type.equals("IPv4")) {
                item.fail("an address of type " + type);
            }
            address.ifPresent(addresses::add);
        }
        Spot conditions = spot.field("conditions");
        conditions.isObject();
        boolean ready = conditions.field("ready").bool(true);
        boolean serving = conditions.field("serving").bool(ready);
        boolean terminating = conditions.field("terminating").bool(false);
        conditions.done();
        Spot target = spot.field("targetRef");
        Optional<ObjectKey> ref = target.isObject() ? Optional.of(new ObjectKey(target.field("kind").text(TextRule.ANY, ""),
                target.field("namespace").text(TextRule.ANY, ""), target.field("name").text(TextRule.ANY, ""))) : Optional.empty();
        Spot hints = spot.field("hints");
        hints.isObject();
        EndpointSlice.Entry entry = new EndpointSlice.Entry(addresses, ready, serving, terminating, spot.field("zone").text(TextRule.ANY, ""),
                spot.field("nodeName").text(TextRule.ANY, ""), ref,
                names(hints.field("forZones")), names(hints.field("forNodes")));
        hints.done();
        spot.ignore("hostname", "deprecatedTopology");
        spot.done();
        return entry;
    }

    private static List<String> names(Spot list) {
        List<String> names = new ArrayList<>();
        for (Spot spot : list.objects(0, 8)) {
            names.add(spot.field("name").text(TextRule.ANY, ""));
            spot.done();
        }
        return names;
    }

    private EndpointSliceDecoder() {}
}
