package heddle.core.internal;

import heddle.api.model.BackendRef;
import heddle.api.model.CustomObject;
import heddle.api.model.RouteFilter;
import heddle.api.model.RouteMatch;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterFactory;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One filter of one rule or backendRef, carried from build to build while spec and factory are the same; or the reason why there is none. */
final class FilterCell extends Shared {
    private static final Logger LOG = System.getLogger(FilterCell.class.getName());

    /** What the filter is made from. A factory counts by identity. */
    record Inputs(RouteFilter filter, List<RouteMatch> matches, Optional<CustomObject> resource, Optional<FilterFactory> factory) {}

    /** @param reference the filter names an object or kind that is not there (ResolvedRefs), rather than being wrong in itself */
    record Problem(boolean reference, String reason, String message) {}

    private final Inputs inputs;
    private final Optional<Filter> filter;
    private final Optional<Problem> problem;
    private final Map<BackendRef, BackendResolver.Resolved> backends;

    FilterCell(Inputs inputs, Optional<Filter> filter, Optional<Problem> problem, Map<BackendRef, BackendResolver.Resolved> backends) {
        this.inputs = inputs;
        this.filter = filter;
        this.problem = problem;
        this.backends = Map.copyOf(backends);
        this.backends.values().forEach(backend -> backend.pool().ifPresent(Shared::retain));
    }

    Inputs inputs() {
        return inputs;
    }

    boolean madeBy(FilterFactory factory) {
        return inputs.factory().filter(each -> each == factory).isPresent();
    }

    /** Empty when there is a problem. */
    Optional<Filter> filter() {
        return filter;
    }

    Optional<Problem> problem() {
        return problem;
    }

    /** The backends that the filter itself sends to (mirror, external auth), as they resolved. */
    Map<BackendRef, BackendResolver.Resolved> backends() {
        return backends;
    }

    @Override void close() {
        backends.values().forEach(backend -> backend.pool().ifPresent(Shared::release));
        try {
            if (filter.isPresent()) filter.get().close();
        } catch (Exception e) {
            LOG.log(Level.WARNING, "filter " + inputs.filter().type() + " did not close: " + e.getMessage(), e);
        }
    }

    @Override public String toString() {
        return inputs.filter().type();
    }
}
