package heddle.api.model;

import java.util.List;
import java.util.Optional;

/** GRPCRouteMatch. Absent service and method: every RPC (SPEC.md M11). A regex must match the whole name. */
public record GrpcMatch(Optional<NameMatch> service, Optional<NameMatch> method, List<ValueMatch> headers) implements RouteMatch {
    public GrpcMatch {
        headers = List.copyOf(headers);
    }

    /** A service's or method's name, or a regular expression for the whole of it. */
    public record NameMatch(String value, boolean regex) {}
}
