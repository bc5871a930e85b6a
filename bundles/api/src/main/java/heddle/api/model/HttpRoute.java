package heddle.api.model;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** gateway.networking.k8s.io/v1 HTTPRoute. Hostnames are kept for the warning that SPEC.md A11 asks for. */
public record HttpRoute(Metadata metadata, List<ParentRef> parentRefs, List<String> hostnames, List<Rule> rules, List<String> warnings)
        implements Route {
    public HttpRoute {
        parentRefs = List.copyOf(parentRefs);
        hostnames = List.copyOf(hostnames);
        rules = List.copyOf(rules);
        warnings = List.copyOf(warnings);
    }

    /** HTTPRouteRule. {@code matches} is never empty: no match given reads as prefix "/" (SPEC.md M4). */
    public record Rule(Optional<String> name, List<HttpMatch> matches, List<RouteFilter> filters, List<BackendRef> backendRefs,
                       Timeouts timeouts, Optional<Retry> retry, Optional<SessionPersistence> sessionPersistence) {
        public Rule {
            matches = List.copyOf(matches);
            filters = List.copyOf(filters);
            backendRefs = List.copyOf(backendRefs);
        }
    }

    /** HTTPRouteTimeouts: absent = no deadline; zero = disabled (SPEC.md T2, T3). */
    public record Timeouts(Optional<Duration> request, Optional<Duration> backendRequest) {
        public static final Timeouts NONE = new Timeouts(Optional.empty(), Optional.empty());
    }

    /** HTTPRouteRetry; {@code attempts} counts retries, not tries (SPEC.md T4). Empty codes: connection errors and timeouts only. */
    public record Retry(List<Integer> codes, int attempts, Duration backoff) {
        public Retry {
            codes = List.copyOf(codes);
        }
    }
}
