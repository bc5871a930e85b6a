package heddle.api.admin;

import heddle.api.source.SourceProblem;
import java.util.List;

/** What a proposed set of manifests would do to the requests that came lately.
 *  @param replayed recorded requests that were decided by both sets
 *  @param changed  those that are decided otherwise
 *  @param routes   every route that serves one of them now or then
 *  @param added    routes of the proposed set alone, {@code removed}: of the live one alone
 *  @param problems of the proposed manifests; what they concern is not in the comparison */
public record DiffReport(int replayed, int changed, List<Change> changes, List<RouteCount> routes, List<String> added, List<String> removed,
                         List<SourceProblem> problems) {
    public DiffReport {
        changes = List.copyOf(changes);
        routes = List.copyOf(routes);
        added = List.copyOf(added);
        removed = List.copyOf(removed);
        problems = List.copyOf(problems);
    }

    /** Requests that change in the same way.
     *  @param what    {@code set}, {@code rule}, {@code status}, {@code backends}, {@code filters}, {@code timeouts}, {@code retries}, {@code sessions}
     *  @param example one of them: {@code shop/cart GET /items?x=1} */
    public record Change(String service, int port, int requests, List<String> what, String example, String now, String then, List<String> details) {
        public Change {
            what = List.copyOf(what);
            details = List.copyOf(details);
        }
    }

    /** How many of the replayed requests a route serves. */
    public record RouteCount(String route, int now, int then) {}
}
