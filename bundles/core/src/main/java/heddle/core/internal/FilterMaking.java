package heddle.core.internal;

import heddle.api.model.BackendRef;
import heddle.api.model.CustomObject;
import heddle.api.model.Route;
import heddle.api.model.RouteFilter;
import heddle.api.model.RouteMatch;
import heddle.api.policy.Backend;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterFactory;
import heddle.api.policy.FilterSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A filter while it is made, and what its factory sees. A plugin makes it on a thread of its own: the build waits for a moment, then goes
 *  on without it, and the first build after it is there takes it. On the assembler thread, but for what the factory asks. */
final class FilterMaking implements FilterSpec {
    private final FilterCell.Inputs inputs;
    private final Route route;
    private final String where;
    private final Runnable changed;
    private final Optional<PluginGuard> guard;
    private final CompletableFuture<Filter> filter;
    /** As they resolved; their pools stay until {@link #end}. */
    private final Map<BackendRef, BackendResolver.Resolved> backends = new LinkedHashMap<>();
    /** Asked for while no build waited. */
    private final Map<BackendRef, CompletableFuture<Backend>> asked = new LinkedHashMap<>();
    /** Of the build that waits; null: none does. */
    private @Nullable BackendResolver resolver;
    private @Nullable FilterCell standIn;
    private boolean wanted = true;
    private boolean ended;

    /** @param changed brings about a build; any thread */
    FilterMaking(FilterCell.Inputs inputs, Route route, String where, BackendResolver resolver, Optional<PluginGuard> guard, boolean passedOnFault, Runnable changed) {
        this.inputs = inputs;
        this.route = route;
        this.where = where;
        this.resolver = resolver;
        this.guard = guard;
        this.changed = changed;
        FilterFactory factory = inputs.factory().orElseThrow();
        filter = guard.isEmpty() ? made(factory) : guard.get().make("create of " + factory.getClass().getName() + " for " + where,
                () -> GuardedFilter.of(factory.create(this), guard.get(), where, passedOnFault));
    }

    private CompletableFuture<Filter> made(FilterFactory ours) {
        try {
            return CompletableFuture.completedFuture(ours.create(this));
        } catch (Exception | LinkageError e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Whether the filter that comes would be the right one. Answers what was asked since the build before. */
    boolean fits(FilterCell.Inputs now, BackendResolver resolving) {
        if (!inputs.equals(now)) return false;
        synchronized (this) {
            asked.forEach((ref, answer) -> answer.complete(resolve(ref, resolving)));
            asked.clear();
            return inputs.sameBackends(backends, route, resolving);
        }
    }

    /** Empty when it is not there within the time, in nanoseconds: a build is brought about when it is. */
    Optional<FilterCell> cell(long patience) {
        try {
            return Optional.of(new FilterCell(inputs, Optional.of(filter.get(patience, TimeUnit.NANOSECONDS)), Optional.empty(), backends));
        } catch (ExecutionException failed) {
            return Optional.of(failed(inputs, new FilterCell.Problem(false, "UnsupportedValue", where + ": " + failed.getCause().getMessage())));
        } catch (InterruptedException ends) {
            Thread.currentThread().interrupt();
            return Optional.of(failed(inputs, new FilterCell.Problem(false, "UnsupportedValue", where + ": the daemon ends")));
        } catch (TimeoutException late) {
            if (nobodyWaits()) filter.whenComplete((made, fault) -> changed.run());
            return Optional.empty();
        }
    }

    /** True once. */
    private synchronized boolean nobodyWaits() {
        boolean first = resolver != null;
        resolver = null;
        return first;
    }

    /** What a rule has in its place that had none before. */
    FilterCell standIn() {
        FilterCell known = standIn;
        if (known != null) return known;
        FilterCell made = failed(inputs, new FilterCell.Problem(false, "Pending", where + ": the filter is still being made"));
        made.retain();
        standIn = made;
        return made;
    }

    static FilterCell failed(FilterCell.Inputs inputs, FilterCell.Problem problem) {
        return new FilterCell(inputs, Optional.empty(), Optional.of(problem), Map.of());
    }

    FilterCell.Inputs inputs() {
        return inputs;
    }

    /** Of the plugin that makes it. */
    Optional<PluginGuard> guard() {
        return guard;
    }

    /** Before each build; {@link #want} says that it needs it. */
    void begin() {
        wanted = false;
    }

    void want() {
        wanted = true;
    }

    boolean wanted() {
        return wanted;
    }

    /** A cell has what this one held, or nobody wants it any more. */
    synchronized void end() {
        ended = true;
        resolver = null;
        backends.values().forEach(backend -> backend.pool().ifPresent(Shared::release));
        if (standIn != null) standIn.release();
    }

    /** Nobody wants it: what comes is closed.
     *  @return done when that is over */
    CompletableFuture<?> abandon() {
        end();
        synchronized (this) {
            asked.values().forEach(answer -> answer.completeExceptionally(new IllegalStateException(where + " has changed: this filter is not wanted any more")));
            asked.clear();
        }
        return filter.thenCompose(made -> {
            made.close();
            return GuardedFilter.closed(made);
        });
    }

    private Backend resolve(BackendRef ref, BackendResolver resolving) {
        return backends.computeIfAbsent(ref, each -> {
            BackendResolver.Resolved resolved = resolving.resolve(route, each, BackendResolver.use(inputs.filter()));
            resolved.pool().ifPresent(Shared::retain);
            return resolved;
        }).plan(List.of());
    }

    @Override public RouteFilter filter() {
        return inputs.filter();
    }

    @Override public Optional<CustomObject> resource() {
        return inputs.resource();
    }

    @Override public List<RouteMatch> matches() {
        return inputs.matches();
    }

    @Override public String where() {
        return where;
    }

    @Override public Backend backend(BackendRef ref) {
        CompletableFuture<Backend> answer;
        synchronized (this) {
            BackendResolver.Resolved known = backends.get(ref);
            if (known != null) return known.plan(List.of());
            if (ended) throw new IllegalStateException(where + ": backend " + ref.name() + " is asked for too late (expected: within create)");
            if (resolver != null) return resolve(ref, resolver);
            answer = asked.computeIfAbsent(ref, each -> new CompletableFuture<>());
        }
        changed.run();
        try {
            return answer.get();
        } catch (InterruptedException ends) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(where + ": interrupted", ends);
        } catch (ExecutionException failed) {
            throw new IllegalStateException(failed.getCause().getMessage(), failed.getCause());
        }
    }
}
