package heddle.core.internal;

import heddle.api.model.ObjectKey;
import heddle.api.model.Route;
import heddle.api.source.ObjectStatus;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One finished build: the snapshot and what reports are made of. Immutable, but for the endpoints inside.
 *  @param routes   in the order of the world
 *  @param policies what the status of each policy says
 *  @param problems of the route compiler */
record Build(Snapshot snapshot, World world, List<RouteState> routes, Map<FrontendKey, PortFrontend.Sets> sets, Set<String> problems,
             int rules, int rebuilt, boolean changed, List<Held> retired, Settings settings, List<ObjectStatus> policies) {
    static final Build EMPTY = new Build(Snapshot.EMPTY, World.EMPTY, List.of(), Map.of(), Set.of(), 0, 0, false, List.of(), Settings.DEFAULT, List.of());

    /** A route that has at least one Service of this mesh as parent. */
    record RouteState(Route route, List<Attachment> attachments, RouteRules rules) {
        ObjectKey key() {
            return route.key();
        }
    }
}
