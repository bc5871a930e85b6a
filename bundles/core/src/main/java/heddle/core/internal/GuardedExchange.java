package heddle.core.internal;

import heddle.api.identity.Client;
import heddle.api.policy.Answer;
import heddle.api.policy.Backend;
import heddle.api.policy.Exchange;
import heddle.api.policy.FilterAction;
import heddle.api.policy.Subrequest;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** An exchange as a plugin's filter off the loop sees it: what it asks to be called back with (the answer to a request of its own, the
 *  exchange's end) comes on the plugin's threads and within its budget, and not on the event loop that knows it first. */
final class GuardedExchange implements Exchange {
    private final Exchange exchange;
    private final PluginGuard guard;
    private final String what;
    private final boolean passedOnFault;
    /** Done when a call back has failed: the exchange waits no longer for the decision. */
    private final CompletableFuture<FilterAction> failed = new CompletableFuture<>();

    /** @param passedOnFault after a fault the request goes on, unless the call still runs */
    GuardedExchange(Exchange exchange, PluginGuard guard, String what, boolean passedOnFault) {
        this.exchange = exchange;
        this.guard = guard;
        this.what = what;
        this.passedOnFault = passedOnFault;
    }

    /** The same decision, within the guard: one that fails or is null is the plugin's fault. */
    FilterAction.Later guarded(FilterAction.Later later) {
        CompletableFuture<FilterAction> told = new CompletableFuture<>();
        failed.whenComplete((passed, fault) -> tell(told, passed, fault));
        later.stage().whenComplete((next, fault) -> {
            if (told.isDone()) return;
            if (fault == null && next != null) {
                tell(told, next instanceof FilterAction.Later again ? guarded(again) : next, null);
                return;
            }
            guard.fault();
            if (passedOnFault) tell(told, FilterAction.CONTINUE, null);
            else tell(told, null, fault == null ? new IllegalStateException(what + " decided null later (expected: a FilterAction)") : fault);
        });
        return new FilterAction.Later(told);
    }

    private static void tell(CompletableFuture<FilterAction> told, @Nullable FilterAction action, @Nullable Throwable fault) {
        if (fault == null) told.complete(action);
        else told.completeExceptionally(fault);
    }

    @Override public CompletionStage<Answer> call(Backend backend, Subrequest request, Duration limit) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        exchange.call(backend, request, limit).thenAccept(given -> guard.callBack(what + ", on an answer", () -> answer.complete(given), (fault, running) -> {
            if (fault != null) tell(failed, FilterAction.CONTINUE, running || !passedOnFault ? fault : null);
        }));
        return answer;
    }

    @Override public void onEnd(Runnable task) {
        exchange.onEnd(() -> guard.callBack(what + ", at the end", task, (fault, running) -> {}));
    }

    @Override public void mirror(Backend backend) {
        exchange.mirror(backend);
    }

    @Override public Client client() {
        return exchange.client();
    }

    @Override public InetSocketAddress destination() {
        return exchange.destination();
    }

    @Override public String route() {
        return exchange.route();
    }

    @Override public String rule() {
        return exchange.rule();
    }

    @Override public Optional<byte[]> body() {
        return exchange.body();
    }

    @Override public void put(Object key, Object value) {
        exchange.put(key, value);
    }

    @Override public Optional<Object> get(Object key) {
        return exchange.get(key);
    }

    @Override public int random(int bound) {
        return exchange.random(bound);
    }
}
