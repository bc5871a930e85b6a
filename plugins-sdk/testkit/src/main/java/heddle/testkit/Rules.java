package heddle.testkit;

import heddle.api.match.Candidate;
import heddle.api.match.Candidate.NamedPredicate;
import heddle.api.model.GrpcMatch;
import heddle.api.model.GrpcMatch.NameMatch;
import heddle.api.model.HttpMatch;
import heddle.api.model.ObjectKey;
import heddle.api.model.PathMatch;
import heddle.api.model.RouteMatch;
import heddle.api.model.ValueMatch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Builds candidates for tests. A rule's name is its route's name; rule numbers count up from 0. */
public final class Rules {
    private final List<Candidate> candidates = new ArrayList<>();

    public Rules add(String route, RouteMatch match) {
        return add(route, Optional.empty(), 0, match);
    }

    public Rules add(String route, Optional<Instant> created, int ruleIndex, RouteMatch match, NamedPredicate... predicates) {
        String kind = match instanceof GrpcMatch ? "GRPCRoute" : "HTTPRoute";
        candidates.add(new Candidate(candidates.size(), new ObjectKey(kind, "shop", route), created, ruleIndex, 0, match, List.of(predicates)));
        return this;
    }

    public List<Candidate> candidates() {
        return List.copyOf(candidates);
    }

    /** The route that a rule number belongs to, or {@code miss}. */
    public String route(int rule) {
        return rule < 0 ? "miss" : candidates.get(rule).route().name();
    }

    public static Http http() {
        return new Http(new PathMatch.Prefix("/"), List.of(), List.of(), Optional.empty());
    }

    /** An HTTPRouteMatch in the making. */
    public record Http(PathMatch path, List<ValueMatch> headers, List<ValueMatch> query, Optional<String> method) {
        public Http exact(String value) {
            return new Http(new PathMatch.Exact(value), headers, query, method);
        }

        public Http prefix(String value) {
            return new Http(new PathMatch.Prefix(value), headers, query, method);
        }

        public Http regex(String value) {
            return new Http(new PathMatch.Regex(value), headers, query, method);
        }

        public Http path(PathMatch match) {
            return new Http(match, headers, query, method);
        }

        public Http header(String name, String value) {
            return header(new ValueMatch.Exact(name, value));
        }

        public Http header(ValueMatch match) {
            return new Http(path, plus(headers, match), query, method);
        }

        public Http query(String name, String value) {
            return query(new ValueMatch.Exact(name, value));
        }

        public Http query(ValueMatch match) {
            return new Http(path, headers, plus(query, match), method);
        }

        public Http method(String name) {
            return new Http(path, headers, query, Optional.of(name));
        }

        public HttpMatch match() {
            return new HttpMatch(path, headers, query, method);
        }
    }

    /** @param service "" = absent, {@code ~} in front = a regular expression */
    public static GrpcMatch grpc(String service, String method, ValueMatch... headers) {
        return new GrpcMatch(name(service), name(method), List.of(headers));
    }

    private static Optional<NameMatch> name(String text) {
        if (text.isEmpty()) return Optional.empty();
        return Optional.of(text.startsWith("~") ? new NameMatch(text.substring(1), true) : new NameMatch(text, false));
    }

    private static List<ValueMatch> plus(List<ValueMatch> list, ValueMatch match) {
        List<ValueMatch> more = new ArrayList<>(list);
        more.add(match);
        return more;
    }
}
