package heddle.core.internal;

import heddle.api.plan.PluginFilter;
import heddle.api.policy.BodyNeed;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.OnLoop;
import heddle.api.policy.RequestEdit;
import heddle.api.policy.ResponseEdit;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A plugin's filter with its guard. What it says of itself is asked once. */
final class GuardedFilter implements PluginFilter {
    private final Filter filter;
    private final PluginGuard guard;
    private final String what;
    private final boolean passedOnFault;
    private final BodyNeed body;
    private final boolean seesResponse;
    private final CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();

    private GuardedFilter(Filter filter, PluginGuard guard, String where, boolean passedOnFault) {
        this.filter = filter;
        this.guard = guard;
        this.what = filter.getClass().getName() + " of " + where;
        this.passedOnFault = passedOnFault;
        this.body = filter.body();
        this.seesResponse = filter.seesResponse();
    }

    /** @param where the object and field that it was made from */
    static Filter of(Filter filter, PluginGuard guard, String where, boolean passedOnFault) {
        GuardedFilter guarded = new GuardedFilter(filter, guard, where, passedOnFault);
        return filter.getClass().isAnnotationPresent(OnLoop.class) ? new Looped(guarded) : guarded;
    }

    @Override public void call(Runnable work, End end) {
        guard.call(what, work, end);
    }

    @Override public boolean passedOnFault() {
        return passedOnFault;
    }

    @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
        GuardedExchange guarded = new GuardedExchange(exchange, guard, what, passedOnFault);
        FilterAction action = decided(request, guarded);
        return action instanceof FilterAction.Later later ? guarded.guarded(later) : action;
    }

    private FilterAction decided(RequestEdit request, Exchange exchange) {
        FilterAction action = filter.onRequest(request, exchange);
        if (action == null) throw new IllegalStateException(what + " returned null (expected: a FilterAction)");
        return action;
    }

    @Override public void onResponse(ResponseEdit response, Exchange exchange) {
        filter.onResponse(response, new GuardedExchange(exchange, guard, what, passedOnFault));
    }

    @Override public BodyNeed body() {
        return body;
    }

    @Override public boolean seesResponse() {
        return seesResponse;
    }

    /** Begins it on a thread of the plugin's; {@link #closed} tells when it is over. */
    @Override public void close() {
        guard.letGo("close of " + what, filter::close).whenComplete((done, fault) -> {
            if (fault == null) closed.complete(null);
            else closed.completeExceptionally(fault);
        });
    }

    /** Of a filter that was told to close: done when it has, so that its bundle does not stop meanwhile. */
    static CompletableFuture<?> closed(Filter filter) {
        return switch (filter) {
            case GuardedFilter guarded -> guarded.closed;
            case Looped looped -> looped.inner.closed;
            default -> CompletableFuture.completedFuture(null);
        };
    }

    /** The same on the event loop: counted and watched, but what blocks there blocks the loop until the watchdog sees it. */
    @OnLoop
    private record Looped(GuardedFilter inner) implements Filter {
        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            if (!inner.guard.faulty().isEmpty()) {
                if (inner.passedOnFault) return FilterAction.CONTINUE;
                throw new PluginGuard.PluginFault(inner.guard.isFaulty());
            }
            LoopCalls.Slot call = inner.guard.beginOnLoop(inner.what);
            boolean well = false;
            try {
                FilterAction action = inner.decided(request, exchange);
                well = true;
                return action;
            } catch (RuntimeException | Error fault) {
                if (inner.passedOnFault) return FilterAction.CONTINUE;
                throw fault;
            } finally {
                inner.guard.onLoop(call, well);
            }
        }

        @Override public void onResponse(ResponseEdit response, Exchange exchange) {
            if (!inner.guard.faulty().isEmpty()) return;
            LoopCalls.Slot call = inner.guard.beginOnLoop(inner.what);
            boolean well = false;
            try {
                inner.filter.onResponse(response, exchange);
                well = true;
            } catch (RuntimeException | Error fault) {
                if (!inner.passedOnFault) throw fault;
            } finally {
                inner.guard.onLoop(call, well);
            }
        }

        @Override public BodyNeed body() {
            return inner.body;
        }

        @Override public boolean seesResponse() {
            return inner.seesResponse;
        }

        @Override public void close() {
            inner.close();
        }
    }
}
