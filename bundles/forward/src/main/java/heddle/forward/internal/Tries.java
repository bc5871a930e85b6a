package heddle.forward.internal;

import heddle.api.plan.BackendPlan;
import heddle.api.plan.Failure;
import heddle.api.plan.RetryPolicy;
import heddle.api.plan.RulePlan;
import heddle.api.plan.Sessions;
import heddle.api.plan.Split;
import heddle.api.policy.Endpoint;
import heddle.api.policy.FilterAction;
import heddle.api.policy.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The tries of one exchange at its backend: one at a time, the next only when the last failed before its head, the rule allows another
 *  (SPEC.md T4 to T6) and all that was sent can be sent again. Event loop only. */
final class Tries {
    private static final RetryPolicy NO_RETRY = new RetryPolicy(List.of(), List.of(), 0, 0);

    private final HttpExchange exchange;
    private @Nullable BackendPlan backend;
    private @Nullable Attempt attempt;
    private @Nullable List<Endpoint> tried;
    private Optional<Sessions.Session> session = Optional.empty();
    private boolean backingOff;
    private int retries;

    Tries(HttpExchange exchange) {
        this.exchange = exchange;
    }

    @Nullable BackendPlan backend() {
        return backend;
    }

    /** The backend of the exchange: where its session is, else by the weights. No try yet. */
    BackendPlan choose(Split split) {
        RulePlan rule = exchange.rule();
        if (rule != null && rule.sessions().isPresent()) session = rule.sessions().get().find(exchange.request);
        BackendPlan chosen = session.isPresent() ? session.get().backend() : split.next();
        backend = chosen;
        return chosen;
    }

    /** Tells the client of its session, if the response comes from an endpoint. */
    void tellSession(ReceivedResponse response) {
        RulePlan rule = exchange.rule();
        Attempt from = attempt;
        if (rule == null || from == null || rule.sessions().isEmpty()) return;
        Optional<FilterAction.Field> told = rule.sessions().get().tell(session, from.backend(), from.endpoint());
        if (told.isPresent()) response.fields.append(told.get().name(), told.get().value());
    }

    @Nullable Attempt current() {
        return attempt;
    }

    /** The present try is over or somebody else's: no longer ours to cancel. */
    @Nullable Attempt take() {
        Attempt now = attempt;
        attempt = null;
        return now;
    }

    /** Between two tries. */
    boolean backingOff() {
        return backingOff;
    }

    List<Endpoint> tried() {
        List<Endpoint> failed = tried;
        return failed == null ? List.of() : failed;
    }

    /** @param fresh not on a kept connection */
    void next(boolean fresh) {
        backingOff = false;
        BackendPlan to = backend;
        if (to == null || exchange.done()) return;
        List<Endpoint> ready = to.ready();
        if (ready.isEmpty()) {
            exchange.answer(Failure.NO_ENDPOINT, Outcome.NO_ENDPOINT);
            return;
        }
        if (attempt == null && retries == 0) to.budget().request();
        if (policy().attempts() > 0) exchange.body.keep(attempt == null && retries == 0, exchange.loop.settings().maxReplayBytes());
        Attempt next = new Attempt(exchange, to, ready);
        attempt = next;
        next.start(fresh, tried == null ? session : Optional.empty());
    }

    /** The try has a connection: everything of the request that is here already goes out. */
    void connected(Attempt to) {
        exchange.body.sendTo(to);
        RulePlan rule = exchange.rule();
        long limit = rule == null ? 0 : rule.backendTimeoutNanos();
        if (limit > 0) {
            to.dueNanos = System.nanoTime() + limit;
            exchange.arm(to.dueNanos);
        }
        if (exchange.body.ended()) to.flush();
        else exchange.stream.bodyWanted();
    }

    /** A try failed before its head. True when another was begun, or the exchange was answered instead. */
    boolean retried(Attempt failed, boolean stale, int responseStatus, int grpcStatus) {
        if (stale && replayableAsStale(failed)) {
            exchange.loop.counters.staleRetries++;
            next(true);
            return true;
        }
        RetryPolicy policy = policy();
        if (retries >= policy.attempts() || !exchange.body.replayable()) return false;
        if (responseStatus > 0 && !policy.codes().contains(responseStatus) && !policy.grpcCodes().contains(grpcStatus)) return false;
        if (!failed.backend().budget().retry()) {
            exchange.loop.counters.overBudget++;
            failed.cancel();
            exchange.answer(Failure.BUDGET, Outcome.ANSWERED);
            return true;
        }
        retries++;
        exchange.loop.counters.retries++;
        failed.cancel();
        if (tried == null) tried = new ArrayList<>(4);
        tried.add(failed.endpoint());
        backOff(policy);
        return true;
    }

    private boolean replayableAsStale(Attempt failed) {
        boolean idempotent = switch (exchange.request.method()) {
            case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" -> true;
            default -> false;
        };
        return (idempotent || failed.refused()) && (exchange.body.replayable() || exchange.body.untouched(failed));
    }

    private void backOff(RetryPolicy policy) {
        backingOff = true;
        attempt = null;
        long base = Math.max(1, policy.backoffNanos());
        long wait = base + (long) (base * (exchange.loop.random.next(1000) / 1000.0));
        exchange.arm(System.nanoTime() + wait);
    }

    private RetryPolicy policy() {
        RulePlan of = exchange.rule();
        return of == null ? NO_RETRY : of.retry().orElse(NO_RETRY);
    }
}
