package heddle.gateway.internal;

import heddle.api.model.Metadata;
import heddle.api.model.SessionPersistence;
import heddle.api.model.ValueMatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What HTTPRoute and GRPCRoute rules share: limits (SPEC.md M12), unique names, header and query matches, sessions. */
final class RouteRules {
    static final int MAX_RULES = 16;
    static final int MAX_MATCHES = 64;
    static final int MAX_MATCHES_OF_ROUTE = 128;
    private static final String CONDITION = "heddle.io/match.";
    private static final TextRule LIFETIME = TextRule.oneOf("Permanent", "Session");
    /** It becomes a cookie's or a header's name. */
    private static final TextRule SESSION_NAME = new TextRule("an HTTP token of at most 128 characters, or empty", 0, 128,
            text -> text.isEmpty() || Rules.HEADER_NAME.allows(text));
    private static final TextRule SESSION_TYPE = TextRule.oneOf("Cookie", "Header");

    static void checkMatchCount(Spot rules, int matches) {
        if (matches > MAX_MATCHES_OF_ROUTE) {
            rules.problem(matches + " matches in all rules (expected: at most " + MAX_MATCHES_OF_ROUTE + " in a route)");
        }
    }

    /** Rule names of one route: each once. */
    static final class Names {
        private final Set<String> seen = new HashSet<>();

        Optional<String> read(Spot spot) {
            Optional<String> name = spot.text(Rules.SECTION_NAME);
            if (name.isPresent() && !seen.add(name.get())) {
                spot.fail("a name that no other rule of the route has");
            }
            return name;
        }

        /** A vendor's condition for a rule that is not there would leave the rule that was meant open to all. */
        void checkConditions(Spot root, Metadata metadata) {
            for (String key : metadata.annotations().keySet()) {
                if (key.startsWith(CONDITION) && !seen.contains(key.substring(CONDITION.length()))) {
                    root.field("metadata").field("annotations").field(key).warn("no rule of this route has that name, ignored");
                }
            }
        }
    }

    /** HTTPHeaderMatch, HTTPQueryParamMatch, GRPCHeaderMatch. Of headers the later entry of an equivalent name is dropped (SPEC.md M7);
     *  the same name twice as written is refused, as the CRD's list map does. */
    static List<ValueMatch> values(Spot list, TextRule valueRule, boolean header) {
        if (!list.present()) {
            return List.of();
        }
        List<ValueMatch> matches = new ArrayList<>();
        Set<String> written = new HashSet<>();
        Set<String> names = new HashSet<>();
        for (Spot spot : list.objects(0, 16)) {
            Spot nameSpot = spot.required("name", Rules.HEADER_NAME.expected());
            String name = nameSpot.text(Rules.HEADER_NAME, "");
            String type = spot.field("type").text(TextRule.ANY, "Exact");
            String value = spot.required("value", valueRule.expected()).text(valueRule, "");
            spot.done();
            if (!written.add(name)) {
                nameSpot.fail("each name once");
            }
            String key = header ? name.toLowerCase(Locale.ROOT) : name;
            if (!names.add(key)) {
                spot.warn("ignored, an entry with an equivalent name comes before it");
                continue;
            }
            matches.add(switch (type) {
                case "Exact" -> new ValueMatch.Exact(key, value);
                case "RegularExpression" -> new ValueMatch.Regex(key, value);
                default -> new ValueMatch.Unknown(key, type, value);
            });
        }
        return matches;
    }

    /** SessionPersistence (apis/v1/shared_types.go; SPEC.md T9). */
    static Optional<SessionPersistence> sessionPersistence(Spot spot) {
        if (!spot.isObject()) {
            return Optional.empty();
        }
        String name = spot.field("sessionName").text(SESSION_NAME, "");
        String type = spot.field("type").text(SESSION_TYPE, "Cookie");
        Optional<Duration> absolute = spot.field("absoluteTimeout").duration();
        Optional<Duration> idle = spot.field("idleTimeout").duration();
        Spot cookie = spot.field("cookieConfig");
        boolean permanent = cookie.isObject() && cookie.field("lifetimeType").text(LIFETIME, "Session").equals("Permanent");
        if (cookie.present() && !type.equals("Cookie")) {
            cookie.problem("is set (expected: only with type Cookie)");
        }
        if (permanent && absolute.isEmpty()) {
            spot.field("absoluteTimeout").fail("a duration, since cookieConfig.lifetimeType is Permanent");
        }
        cookie.done();
        spot.done();
        return Optional.of(new SessionPersistence(name, type.equals("Header") ? SessionPersistence.Type.HEADER : SessionPersistence.Type.COOKIE,
                absolute, idle, permanent));
    }

    private RouteRules() {}
}
