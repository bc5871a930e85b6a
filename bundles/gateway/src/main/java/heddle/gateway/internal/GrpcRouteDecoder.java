package heddle.gateway.internal;

import heddle.api.model.BackendRef;
import heddle.api.model.GrpcMatch;
import heddle.api.model.GrpcRoute;
import heddle.api.model.Metadata;
import heddle.api.model.ParentRef;
import heddle.api.model.RouteFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** GRPCRoute (apis/v1/grpcroute_types.go; SPEC.md M11, M12, T7). */
final class GrpcRouteDecoder {
    private static final GrpcMatch EVERY_RPC = new GrpcMatch(Optional.empty(), Optional.empty(), List.of());
    private static final TextRule NAME = TextRule.upTo(1024);
    private static final TextRule MATCH_TYPE = TextRule.oneOf("Exact", "RegularExpression");

    static GrpcRoute decode(Spot root, Metadata metadata) {
        Spot spec = root.required("spec", "an object");
        spec.isObject();
        List<ParentRef> parents = References.parents(spec);
        List<String> hostnames = spec.field("hostnames").texts(0, 16, Rules.HOSTNAME, false);
        List<GrpcRoute.Rule> rules = new ArrayList<>();
        RouteRules.Names names = new RouteRules.Names();
        Spot list = spec.field("rules");
        int matches = 0;
        for (Spot spot : list.objects(0, RouteRules.MAX_RULES)) {
            Optional<String> name = names.read(spot.field("name"));
            List<GrpcMatch> ofRule = spot.field("matches").objects(0, RouteRules.MAX_MATCHES).stream().map(GrpcRouteDecoder::match).toList();
            List<RouteFilter> filters = FilterDecoder.grpc(spot.field("filters"));
            List<BackendRef> backends = References.backends(spot.field("backendRefs"), 0, backend -> FilterDecoder.grpc(backend.field("filters")));
            matches += ofRule.size();
            rules.add(new GrpcRoute.Rule(name, ofRule.isEmpty() ? List.of(EVERY_RPC) : ofRule, filters, backends,
                    RouteRules.sessionPersistence(spot.field("sessionPersistence"))));
            spot.done();
        }
        RouteRules.checkMatchCount(list, matches);
        names.checkConditions(root, metadata);
        spec.done();
        return new GrpcRoute(metadata, parents, hostnames, rules, List.of());
    }

    private static GrpcMatch match(Spot spot) {
        Spot method = spot.field("method");
        Optional<GrpcMatch.NameMatch> service = Optional.empty();
        Optional<GrpcMatch.NameMatch> name = Optional.empty();
        if (method.isObject()) {
            boolean regex = method.field("type").text(MATCH_TYPE, "Exact").equals("RegularExpression");
            Spot serviceSpot = method.field("service");
            Spot nameSpot = method.field("method");
            service = serviceSpot.text(NAME).map(text -> new GrpcMatch.NameMatch(text, regex));
            name = nameSpot.text(NAME).map(text -> new GrpcMatch.NameMatch(text, regex));
            if (!serviceSpot.present() && !nameSpot.present()) {
                method.problem("has neither service nor method (expected: at least one)");
            }
            if (!regex && service.isPresent() && !isService(service.get().value())) {
                serviceSpot.fail("names of letters, digits and '_', joined by '.'");
            }
            if (!regex && name.isPresent() && !isWord(name.get().value())) {
                nameSpot.fail("letters, digits and '_', not beginning with a digit");
            }
            method.done();
        }
        GrpcMatch match = new GrpcMatch(service, name, RouteRules.values(spot.field("headers"), TextRule.between(1, 4096), true));
        spot.done();
        return match;
    }

    /** {@code ^(?i)\.?[a-z_][a-z_0-9]*(\.[a-z_][a-z_0-9]*)*$} */
    private static boolean isService(String text) {
        for (String part : (text.startsWith(".") ? text.substring(1) : text).split("\\.", -1)) {
            if (!isWord(part)) {
                return false;
            }
        }
        return true;
    }

    /** {@code ^[A-Za-z_][A-Za-z_0-9]*$} */
    private static boolean isWord(String text) {
        return !text.isEmpty() && (text.charAt(0) < '0' || text.charAt(0) > '9')
                && text.chars().allMatch(c -> c == '_' || c < 128 && Character.isLetterOrDigit(c));
    }

    private GrpcRouteDecoder() {}
}
