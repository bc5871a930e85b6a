package heddle.api.model;

import java.util.List;

/** One match of a rule; a rule's matches are OR-ed (SPEC.md M6). */
public sealed interface RouteMatch permits HttpMatch, GrpcMatch {
    List<ValueMatch> headers();
}
