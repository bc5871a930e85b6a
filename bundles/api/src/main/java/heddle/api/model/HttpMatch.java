package heddle.api.model;

import java.util.List;
import java.util.Optional;

/** HTTPRouteMatch: all conditions must hold. Second entries of an equivalent name are already dropped (SPEC.md M7, M8). */
public record HttpMatch(PathMatch path, List<ValueMatch> headers, List<ValueMatch> queryParams, Optional<String> method) implements RouteMatch {
    public HttpMatch {
        headers = List.copyOf(headers);
        queryParams = List.copyOf(queryParams);
    }

    public static final HttpMatch ANY = new HttpMatch(new PathMatch.Prefix("/"), List.of(), List.of(), Optional.empty());
}
