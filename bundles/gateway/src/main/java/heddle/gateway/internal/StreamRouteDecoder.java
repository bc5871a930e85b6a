package heddle.gateway.internal;

import heddle.api.model.Metadata;
import heddle.api.model.ParentRef;
import heddle.api.model.ReferenceGrant;
import heddle.api.model.StreamRule;
import heddle.api.model.TcpRoute;
import heddle.api.model.TlsRoute;
import heddle.api.model.UdpRoute;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/** TCPRoute, UDPRoute, TLSRoute, and ReferenceGrant, which is as plain. Before v1 a route could have several rules. */
final class StreamRouteDecoder {
    private static final TextRule SNI = new TextRule("a host name in lower case, its first label may be '*', no IP address", 1, 253,
            text -> Rules.HOSTNAME.shape().test(text) && Addresses.parse(text).isEmpty());

    static TcpRoute tcp(Spot root, Metadata metadata, String version) {
        return streams(root, version, (parents, rules) -> new TcpRoute(metadata, parents, rules, List.of()));
    }

    static UdpRoute udp(Spot root, Metadata metadata, String version) {
        return streams(root, version, (parents, rules) -> new UdpRoute(metadata, parents, rules, List.of()));
    }

    static TlsRoute tls(Spot root, Metadata metadata, String version) {
        Spot spec = root.field("spec");
        boolean old = version.equals("v1alpha2");
        Spot list = old ? spec.field("hostnames") : spec.required("hostnames", "a list of host names");
        List<String> hostnames = list.texts(old ? 0 : 1, old ? 16 : 1_024, old ? Rules.HOSTNAME : SNI, false);
        return streams(root, spec, version, (parents, rules) -> new TlsRoute(metadata, parents, hostnames, rules, List.of()));
    }

    private static <R> R streams(Spot root, String version, BiFunction<List<ParentRef>, List<StreamRule>, R> make) {
        return streams(root, root.required("spec", "an object"), version, make);
    }

    private static <R> R streams(Spot root, Spot spec, String version, BiFunction<List<ParentRef>, List<StreamRule>, R> make) {
        if (!spec.present()) {
            root.required("spec", "an object");
        }
        spec.isObject();
        List<ParentRef> parents = References.parents(spec);
        List<StreamRule> rules = new ArrayList<>();
        RouteRules.Names names = new RouteRules.Names();
        for (Spot rule : spec.required("rules", "a list").objects(1, version.equals("v1alpha2") ? RouteRules.MAX_RULES : 1)) {
            rules.add(new StreamRule(names.read(rule.field("name")),
                    References.backends(rule.required("backendRefs", "a list"), 1, backend -> List.of())));
            rule.done();
        }
        spec.done();
        return make.apply(parents, rules);
    }

    /** apis/v1/referencegrant_types.go */
    static ReferenceGrant grant(Spot root, Metadata metadata) {
        Spot spec = root.required("spec", "an object");
        spec.isObject();
        List<ReferenceGrant.From> from = spec.required("from", "a list").objects(1, 16).stream().map(spot -> {
            ReferenceGrant.From entry = new ReferenceGrant.From(References.group(spot), References.kind(spot),
                    spot.required("namespace", Rules.NAMESPACE.expected()).text(Rules.NAMESPACE, ""));
            spot.done();
            return entry;
        }).toList();
        List<ReferenceGrant.To> to = spec.required("to", "a list").objects(1, 16).stream().map(spot -> {
            ReferenceGrant.To entry = new ReferenceGrant.To(References.group(spot), References.kind(spot), spot.field("name").text(Rules.OBJECT_NAME));
            spot.done();
            return entry;
        }).toList();
        spec.done();
        return new ReferenceGrant(metadata, from, to);
    }

    private StreamRouteDecoder() {}
}
