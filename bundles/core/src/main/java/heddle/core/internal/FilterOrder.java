package heddle.core.internal;

import heddle.api.model.BackendRef;
import heddle.api.model.RouteFilter;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which filters may stand together (SPEC.md F3, F4). Sources that validate never deliver such rules; others might. */
final class FilterOrder {
    private FilterOrder() {}

    /** What is wrong with a rule's filters, if anything. */
    static Optional<String> clash(List<RouteFilter> filters, List<BackendRef> backendRefs) {
        Set<String> seen = new HashSet<>();
        for (RouteFilter filter : filters) {
            boolean repeatable = filter instanceof RouteFilter.Mirror || filter instanceof RouteFilter.ExtensionRef || filter instanceof RouteFilter.Unknown;
            if (!seen.add(filter.type()) && !repeatable) return Optional.of("filter " + filter.type() + " may stand only once");
        }
        boolean redirect = seen.contains("RequestRedirect");
        if (redirect && seen.contains("URLRewrite")) return Optional.of("RequestRedirect and URLRewrite exclude each other");
        if (redirect && !backendRefs.isEmpty()) return Optional.of("RequestRedirect and backendRefs exclude each other");
        return Optional.empty();
    }
}
