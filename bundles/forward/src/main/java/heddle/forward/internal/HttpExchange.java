package heddle.forward.internal;

import heddle.api.plan.BackendPlan;
import heddle.api.plan.ClientPlan;
import heddle.api.plan.Failure;
import heddle.api.plan.RequestLog;
import heddle.api.plan.RulePlan;
import heddle.api.plan.Split;
import heddle.api.match.RouteTable;
import heddle.api.policy.Outcome;
import heddle.api.telemetry.ExchangeRecorder;
import io.netty.buffer.ByteBuf;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One request and its response, whatever the protocols on both sides: route, filters, backend, tries, deadlines, and exactly one end.
 *  The client's side is a {@link ClientStream}, each try at an endpoint an {@link Attempt}. Event loop only. */
final class HttpExchange extends Deadlines.Entry {
    static final Failure NO_SERVICE = new Failure(503, 14, "no-service", "the Service port does not exist any more");
    static final Failure BROKEN_ROUTES = new Failure(500, 13, "route-table", "the routes of this Service cannot be evaluated");

    final Loop loop;
    final ClientConnection connection;
    final ClientStream stream;
    final ReceivedRequest request;
    final long startNanos;
    final RequestBody body;
    final Tries tries = new Tries(this);
    final ResponseSide response;
    /** Whom this request is counted for. */
    private @Nullable Tenant tenant;
    private @Nullable RulePlan rule;
    private @Nullable Split split;
    private @Nullable FilterRun filters;
    private boolean done;
    private boolean headLent;
    private long dueNanos;
    /** The limit for the whole exchange: the rule's, or the shorter one that a gRPC client gives; 0 = none. */
    private long wholeNanos;

    HttpExchange(Loop loop, ClientConnection connection, ClientStream stream, ReceivedRequest request, long startNanos) {
        this.loop = loop;
        this.connection = connection;
        this.stream = stream;
        this.request = request;
        this.startNanos = startNanos;
        this.body = new RequestBody(connection, request);
        this.response = new ResponseSide(this, stream);
    }

    // the client's side

    void start() {
        loop.counters.requests++;
        loop.counters.requestsInFlight++;
        loop.random.fill(request);
        if (loop.settings().forwardedFor()) request.fields.join("x-forwarded-for", connection.origin.source().getAddress().getHostAddress());
        Tenant of = connection.tenant;
        if (of != null) {
            if (!of.take(loop.index, Tenant.Kind.REQUESTS, 1, loop.tenants.quota().requests())) {
                overQuota();
                return;
            }
            tenant = of;
        }
        ClientPlan plan = connection.plan();
        switch (plan) {
            case ClientPlan.Http http -> match(http);
            case ClientPlan.Relay relay -> {
                stream.lastOfConnection();                        // routes are gone: this request still goes through, its next connection is relayed
                split = relay.split();
                chooseBackend();
            }
            case ClientPlan.Tls tls -> answer(Http1Requests.bad("this port expects TLS"), Outcome.ANSWERED);
            case null -> answer(NO_SERVICE, Outcome.ANSWERED);
        }
    }

    private void overQuota() {
        loop.counters.quotaRefusals++;
        answer(Tenants.OVER, Outcome.ANSWERED);
    }

    private void match(ClientPlan.Http plan) {
        RequestLog log = connection.log();
        if (log.wants(startNanos)) log.seen(request);
        int index;
        try {
            index = plan.table().match(request);
        } catch (RuntimeException | Error e) {
            Faults.note("route table", e);
            answer(BROKEN_ROUTES, Outcome.ANSWERED);
            return;
        }
        if (index == RouteTable.NO_MATCH) {
            loop.counters.noRoute++;
            answer(plan.miss(), Outcome.ANSWERED);
            return;
        }
        RulePlan found = plan.rules().get(index);
        found.begin(loop.index);
        rule = found;
        split = found.split();
        wholeNanos = found.requestTimeoutNanos();
        if (request.grpc) {
            long asked = GrpcTimeout.nanos(request.header("grpc-timeout"));
            if (asked > 0 && (wholeNanos == 0 || asked < wholeNanos)) wholeNanos = asked;
        }
        if (wholeNanos > 0) arm(startNanos + wholeNanos);
        if (!found.failure().isNone()) answer(found.failure(), Outcome.ANSWERED);
        else if (found.filters().isEmpty()) chooseBackend();
        else runFilters(found);
    }

    private void runFilters(RulePlan found) {
        FilterRun run = new FilterRun(this, found);
        filters = run;
        int gather = run.gatherBytes(found.filters());
        if (gather < 0 || body.ended()) {
            if (gather >= 0) run.body(new byte[0]);
            run.request(found.filters(), this::chooseBackend);
            return;
        }
        body.gather(gather);
        if (request.expectsContinue) {
            stream.informational(OwnAnswer.continue100());
            request.fields.remove("expect");
        }
        stream.bodyWanted();
    }

    /** Whether body data would be taken now. */
    boolean wantsBody() {
        Attempt now = tries.current();
        return body.gathering() || now != null && now.writable();
    }

    /** Takes {@code length} bytes of the source. */
    void body(ByteBuf source, int length) {
        if (!body.data(source, length, tries.current())) gathered(false);
    }

    void bodyEnd(@Nullable Fields trailers) {
        body.end(trailers, tries.current());
        if (body.gathering()) gathered(true);
    }

    private void gathered(boolean complete) {
        HeldBody held = body.gathered();
        FilterRun run = filters;
        RulePlan found = rule;
        if (run == null || found == null || held == null) return;
        if (held.overQuota()) {
            overQuota();
            return;
        }
        if (!complete && run.rejectsOver(found.filters(), held.size())) {
            answer(Failure.TOO_LARGE, Outcome.ANSWERED);
            return;
        }
        if (complete) run.body(held.bytes());
        run.request(found.filters(), this::chooseBackend);
    }

    void mirror(BackendPlan to) {
        if (!done) body.mirror(to);
    }

    void flushRequest() {
        Attempt now = tries.current();
        if (now != null) now.flush();
    }

    void clientWritable() {
        Attempt now = tries.current();
        if (now != null && !response.waiting()) now.read(true);
    }

    void clientGone() {
        if (done) return;
        loop.counters.clientGone++;
        finish(Outcome.CLIENT_GONE);
    }

    private void chooseBackend() {
        Split from = split;
        if (from == null) return;
        BackendPlan chosen = tries.choose(from);
        if (!chosen.failure().isNone()) {
            answer(chosen.failure(), Outcome.ANSWERED);
        } else if (chosen.filters().isEmpty()) {
            tries.next(false);
        } else {
            FilterRun run = filters;
            if (run == null) filters = run = new FilterRun(this, rule);
            run.request(chosen.filters(), () -> tries.next(false));
        }
    }

    /** A try failed before its head. True when nothing is left to be done for it: another was begun. */
    boolean retried(Attempt failed, boolean stale, int responseStatus, int grpcStatus) {
        return !done && !response.headSent() && tries.retried(failed, stale, responseStatus, grpcStatus);
    }

    void answer(Failure failure, Outcome outcome) {
        response.answer(failure, outcome);
    }

    // deadlines and the end

    void arm(long due) {
        dueNanos = wholeNanos > 0 && startNanos + wholeNanos - due < 0 ? startNanos + wholeNanos : due;
        loop.deadlines.set(this, dueNanos);
    }

    @Override void expired(long now) {
        if (done) return;
        boolean whole = wholeNanos > 0 && startNanos + wholeNanos - now <= 0;
        if (!whole && tries.backingOff()) {
            tries.next(false);
            return;
        }
        Attempt now2 = tries.current();
        if (!whole && (now2 == null || now2.dueNanos == 0 || now2.dueNanos - now > 0)) {
            if (wholeNanos > 0) arm(startNanos + wholeNanos);
            return;
        }
        if (response.headSent()) {
            loop.counters.timeouts++;
            response.broken(Outcome.TIMED_OUT, UpstreamStream.INTERNAL);
            stream.flush();
            return;
        }
        if (now2 != null) now2.report(Outcome.TIMED_OUT);
        if (!whole && now2 != null && retried(now2, false, 0, 0)) return;
        answer(Failure.TIMEOUT, Outcome.TIMED_OUT);
    }

    /** Resets it when it holds one of these plans, whose time to end has run out. */
    void endIfOf(Set<RulePlan> plans) {
        if (done || rule == null || !plans.contains(rule)) return;
        loop.counters.planResets++;
        stream.breakOff(UpstreamStream.CANCELLED);
        finish(response.headSent() ? Outcome.BROKEN_AFTER_HEAD : Outcome.BROKEN_BEFORE_HEAD);
    }

    /** Gives the lease of one of these plans back when nothing more is needed of it: the response's head is out, and no filter waits for the
     *  end. The exchange goes on without its rule, for which it has ended now. */
    void letGoOf(Set<RulePlan> plans) {
        if (done || rule == null || !plans.contains(rule) || !response.headSent()) return;
        FilterRun run = filters;
        if (run != null && run.awaitsEnd()) return;
        Attempt now = tries.current();
        if (now != null) now.report(Outcome.COMPLETED);
        settle(Outcome.COMPLETED);
    }

    /** A WebSocket carried by this exchange is open: that was the rule's work; its deadlines and its lease do not go on with the tunnel. */
    void tunnelled() {
        loop.counters.tunnels++;
        wholeNanos = 0;
        if (dueNanos != 0) loop.deadlines.clear(this);
        dueNanos = 0;
        settle(Outcome.COMPLETED);
    }

    void finish(Outcome outcome) {
        if (done) return;
        done = true;
        loop.counters.requestsInFlight--;
        if (tenant != null) tenant.give(loop.index, Tenant.Kind.REQUESTS, 1);
        if (dueNanos != 0) loop.deadlines.clear(this);
        Attempt now = tries.take();
        if (now != null) {
            now.report(outcome);
            now.cancel();
        }
        body.over();
        FilterRun run = filters;
        if (run != null) headLent |= run.pending();
        settle(outcome);
        if (run != null) run.ended();
        stream.over(headLent);
    }

    /** Tells the rule's end and gives its lease back, once. */
    private void settle(Outcome outcome) {
        RulePlan of = rule;
        if (of == null) return;
        rule = null;
        BackendPlan backend = tries.backend();
        of.recorder().end(backend == null ? ExchangeRecorder.NO_BACKEND : backend, response.status(), outcome, System.nanoTime() - startNanos);
        of.end(loop.index);
    }

    boolean done() {
        return done;
    }

    boolean requestEnded() {
        return body.ended();
    }

    @Nullable FilterRun filters() {
        return filters;
    }

    @Nullable RulePlan rule() {
        return rule;
    }
}
