package heddle.gateway.internal;

import heddle.api.model.BackendRef;
import heddle.api.model.HttpMatch;
import heddle.api.model.HttpRoute;
import heddle.api.model.Metadata;
import heddle.api.model.ParentRef;
import heddle.api.model.PathMatch;
import heddle.api.model.RouteFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** HTTPRoute (apis/v1/httproute_types.go; SPEC.md M3 to M12, F3, F4, F7, T1 to T5). */
final class HttpRouteDecoder {
    private static final TextRule METHOD = TextRule.oneOf("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");
    private static final TextRule PATH = TextRule.upTo(1024);
    private static final Duration DEFAULT_BACKOFF = Duration.ofMillis(25);

    static HttpRoute decode(Spot root, Metadata metadata) {
        Spot spec = root.required("spec", "an object");
        spec.isObject();
        List<ParentRef> parents = References.parents(spec);
        List<String> hostnames = spec.field("hostnames").texts(0, 16, Rules.HOSTNAME, false);
        List<HttpRoute.Rule> rules = new ArrayList<>();
        Spot list = spec.field("rules");
        int matches = 0;
        RouteRules.Names names = new RouteRules.Names();
        for (Spot rule : list.objects(1, RouteRules.MAX_RULES)) {
            HttpRoute.Rule decoded = rule(rule, names);
            matches += decoded.matches().size();
            rules.add(decoded);
        }
        RouteRules.checkMatchCount(list, matches);
        names.checkConditions(root, metadata);
        if (!list.present()) {
            rules.add(new HttpRoute.Rule(Optional.empty(), List.of(HttpMatch.ANY), List.of(), List.of(), HttpRoute.Timeouts.NONE, Optional.empty(),
                    Optional.empty()));
        }
        spec.done();
        return new HttpRoute(metadata, parents, hostnames, rules, List.of());
    }

    private static HttpRoute.Rule rule(Spot spot, RouteRules.Names names) {
        Optional<String> name = names.read(spot.field("name"));
        Spot matchList = spot.field("matches");
        List<Spot> matchSpots = matchList.objects(0, RouteRules.MAX_MATCHES);
        List<HttpMatch> matches = new ArrayList<>(matchSpots.size());
        for (Spot match : matchSpots) {
            matches.add(match(match));
        }
        if (matchSpots.isEmpty()) {
            matches.add(HttpMatch.ANY);
        }
        Spot filterList = spot.field("filters");
        List<RouteFilter> filters = FilterDecoder.http(filterList);
        Spot backendList = spot.field("backendRefs");
        List<BackendRef> backends = References.backends(backendList, 0, backend -> FilterDecoder.http(backend.field("filters")));

        boolean redirects = false;
        boolean replacesPrefix = false;
        for (RouteFilter filter : filters) {
            redirects |= filter instanceof RouteFilter.Redirect;
            replacesPrefix |= FilterDecoder.replacesPrefix(filter);
        }
        for (BackendRef backend : backends) {
            for (RouteFilter filter : backend.filters()) {
                replacesPrefix |= FilterDecoder.replacesPrefix(filter);
            }
        }
        if (redirects && !backends.isEmpty()) {
            filterList.problem("RequestRedirect and backendRefs in one rule (expected: only one of them)");
        }
        boolean onePrefix = matches.size() == 1 && matches.getFirst().path() instanceof PathMatch.Prefix
                && (matchSpots.size() == 1 || !matchList.present());
        if (replacesPrefix && !onePrefix) {
            spot.problem("a filter with replacePrefixMatch (expected: exactly one match in the rule, of path type PathPrefix)");
        }
        HttpRoute.Rule rule = new HttpRoute.Rule(name, matches, filters, backends, timeouts(spot.field("timeouts")), retry(spot.field("retry")),
                RouteRules.sessionPersistence(spot.field("sessionPersistence")));
        spot.done();
        return rule;
    }

    private static HttpMatch match(Spot spot) {
        HttpMatch match = new HttpMatch(path(spot.field("path")), RouteRules.values(spot.field("headers"), Rules.HEADER_VALUE, true),
                RouteRules.values(spot.field("queryParams"), TextRule.between(1, 1024), false), spot.field("method").text(METHOD));
        spot.done();
        return match;
    }

    private static PathMatch path(Spot spot) {
        spot.isObject();
        String type = spot.field("type").text(TextRule.ANY, "PathPrefix");
        Spot valueSpot = spot.field("value");
        String value = valueSpot.text(PATH, "/");
        spot.done();
        return switch (type) {
            case "Exact" -> {
                literal(valueSpot, value);
                yield new PathMatch.Exact(value);
            }
            case "PathPrefix" -> {
                literal(valueSpot, value);
                yield new PathMatch.Prefix(value);
            }
            case "RegularExpression" -> new PathMatch.Regex(value);
            default -> new PathMatch.Unknown(type, value);
        };
    }

    /** HTTPPathMatch CEL (SPEC.md M3). */
    private static void literal(Spot spot, String value) {
        if (!value.startsWith("/")) {
            spot.fail("starts with '/'");
        } else if (value.contains("//") || value.contains("/./") || value.contains("/../") || value.contains("%2f") || value.contains("%2F")
                || value.indexOf('#') >= 0) {
            spot.fail("without //, /./, /../, %2f, %2F and #");
        } else if (value.endsWith("/.") || value.endsWith("/..")) {
            spot.fail("not ending in /. or /..");
        } else if (!Rules.PATH_CHARACTERS.allows(value)) {
            spot.fail(Rules.PATH_CHARACTERS.expected());
        }
    }

    private static HttpRoute.Timeouts timeouts(Spot spot) {
        if (!spot.isObject()) {
            return HttpRoute.Timeouts.NONE;
        }
        Optional<Duration> request = spot.field("request").duration();
        Spot backendSpot = spot.field("backendRequest");
        Optional<Duration> backend = backendSpot.duration();
        if (request.isPresent() && backend.isPresent() && !request.get().isZero() && backend.get().compareTo(request.get()) > 0) {
            backendSpot.fail("no longer than timeouts.request");
        }
        spot.done();
        return new HttpRoute.Timeouts(request, backend);
    }

    private static Optional<HttpRoute.Retry> retry(Spot spot) {
        if (!spot.isObject()) {
            return Optional.empty();
        }
        List<Integer> codes = new ArrayList<>();
        for (Spot item : spot.field("codes").items(0, Integer.MAX_VALUE)) {
            int code = item.integer(400, 599, 400);
            if (codes.contains(code)) {
                item.fail("each code once");
            } else {
                codes.add(code);
            }
        }
        int attempts = spot.field("attempts").integer(1, Integer.MAX_VALUE, 1);
        Duration backoff = spot.field("backoff").duration().orElse(DEFAULT_BACKOFF);
        spot.done();
        return Optional.of(new HttpRoute.Retry(codes, attempts, backoff));
    }

    private HttpRouteDecoder() {}
}
