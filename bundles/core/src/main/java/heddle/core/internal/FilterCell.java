package heddle.core.internal;

import heddle.api.model.BackendRef;
import heddle.api.model.CustomObject;
import heddle.api.model.Route;
import heddle.api.model.RouteFilter;
import heddle.api.model.RouteMatch;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterFactory;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One filter of one rule or backendRef, carried from build to build while spec and factory are the same; or the reason why there is none. */
final class FilterCell extends Shared {
    private static final Logger LOG = System.getLogger(FilterCell.class.getName());

    /** What the filter is made from. A factory counts by identity. */
    record Inputs(RouteFilter filter, List<RouteMatch> matches, Optional<CustomObject> resource, Optional<FilterFactory> factory) {
        boolean madeBy(FilterFactory one) {
            return factory.filter(each -> each == one).isPresent();
        }

        /** Whether the backends of the filter resolve as they did. */
        boolean sameBackends(Map<BackendRef, BackendResolver.Resolved> before, Route route, BackendResolver resolver) {
            for (Map.Entry<BackendRef, BackendResolver.Resolved> entry : before.entrySet()) {
                if (!resolver.resolve(route, entry.getKey(), BackendResolver.use(filter)).equals(entry.getValue())) return false;
            }
            return true;
        }

        /** The same filter of the same rule, though its resource or what makes it is another. */
        boolean sameReference(Inputs other) {
            return filter.equals(other.filter) && matches.equals(other.matches);
        }
    }

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
        closed();
    }

    /** Closes it. @return done when a plugin's filter has closed, on its own thread */
    CompletableFuture<?> closed() {
        backends.values().forEach(backend -> backend.pool().ifPresent(Shared::release));
        if (filter.isEmpty()) return CompletableFuture.completedFuture(null);
        CompletableFuture<?> closed;
        try {
            filter.get().close();
            closed = GuardedFilter.closed(filter.get());
        } catch (Exception e) {
            closed = CompletableFuture.failedFuture(e);
        }
        return closed.whenComplete((done, fault) -> {
            if (fault != null) LOG.log(Level.WARNING, "filter " + inputs.filter().type() + " did not close: " + fault.getMessage(), fault);
        });
    }

    @Override public String toString() {
        return inputs.filter().type();
    }
}
