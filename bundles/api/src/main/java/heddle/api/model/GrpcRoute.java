package heddle.api.model;

import java.util.List;
import java.util.Optional;

/** gateway.networking.k8s.io/v1 GRPCRoute. {@code matches} is never empty: none given reads as every RPC. */
public record GrpcRoute(Metadata metadata, List<ParentRef> parentRefs, List<String> hostnames, List<Rule> rules, List<String> warnings)
        implements Route {
    public GrpcRoute {
        parentRefs = List.copyOf(parentRefs);
        hostnames = List.copyOf(hostnames);
        rules = List.copyOf(rules);
        warnings = List.copyOf(warnings);
    }

    public record Rule(Optional<String> name, List<GrpcMatch> matches, List<RouteFilter> filters, List<BackendRef> backendRefs,
                       Optional<SessionPersistence> sessionPersistence) {
        public Rule {
            matches = List.copyOf(matches);
            filters = List.copyOf(filters);
            backendRefs = List.copyOf(backendRefs);
        }
    }
}
