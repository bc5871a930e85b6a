package heddle.forward.internal;

import heddle.api.plan.BackendPlan;
import heddle.api.plan.ClientPlan;
import heddle.api.plan.Failure;
import heddle.api.plan.RetryPolicy;
import heddle.api.plan.RulePlan;
import heddle.api.plan.Split;
import heddle.api.match.RouteTable;
import heddle.api.policy.Backend;
import heddle.api.policy.Endpoint;
import heddle.api.policy.FilterAction;
import heddle.api.policy.Outcome;
import heddle.api.telemetry.ExchangeRecorder;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One request and its response, whatever the protocols on both sides: route, filters, backend, tries, deadlines, and exactly one end.
 *  The client's side is a {@link ClientStream}, each try at an endpoint an {@link Attempt}. Event loop only. */
final class HttpExchange extends Deadlines.Entry {
    static final Failure NO_SERVICE = new Failure(503, 14, "no-service", "the Service port does not exist any more");
    static final Failure BROKEN_ROUTES = new Failure(500, 13, "route-table", "the routes of this Service cannot be evaluated");
    private static final RetryPolicy NO_RETRY = new RetryPolicy(List.of(), 0, 0, () -> false);

    final Loop loop;
    final ClientConnection connection;
    final ClientStream stream;
    final ReceivedRequest request;
    final long startNanos;
    private @Nullable RulePlan rule;
    private @Nullable Split split;
    private @Nullable BackendPlan backend;
    private @Nullable FilterRun filters;
    private @Nullable Attempt attempt;
    private @Nullable HeldBody held;
    private @Nullable List<Endpoint> tried;
    private @Nullable List<Mirror> mirrors;
    private @Nullable Fields requestTrailers;
    private @Nullable ReceivedResponse waiting;
    private boolean waitingEnd;
    private boolean gathering;
    private boolean requestEnded;
    private boolean headSent;
    private boolean done;
    private boolean backingOff;
    private boolean headLent;
    private int status;
    private int retries;
    private long dueNanos;
    /** The limit for the whole exchange: the rule's, or the shorter one that a gRPC client gives; 0 = none. */
    private long wholeNanos;

    HttpExchange(Loop loop, ClientConnection connection, ClientStream stream, ReceivedRequest request, long startNanos) {
        this.loop = loop;
        this.connection = connection;
        this.stream = stream;
        this.request = request;
        this.startNanos = startNanos;
        this.requestEnded = request.body == Framing.NONE || request.body == 0;
    }

    // the client's side

    void start() {
        loop.counters.requests++;
        loop.counters.requestsInFlight++;
        loop.random.fill(request);
        if (loop.settings().forwardedFor()) request.fields.join("x-forwarded-for", connection.origin.source().getAddress().getHostAddress());
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

    private void match(ClientPlan.Http plan) {
        int index;
        try {
            index = plan.table().match(request);
        } catch (RuntimeException e) {
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
        if (gather < 0 || requestEnded) {
            if (gather >= 0) run.body(new byte[0]);
            run.request(found.filters(), this::chooseBackend);
            return;
        }
        gathering = true;
        held = new HeldBody(connection.channel.alloc(), gather);
        if (request.expectsContinue) {
            stream.informational(OwnAnswer.continue100());
            request.fields.remove("expect");
        }
        stream.bodyWanted();
    }

    /** Whether body data would be taken now. */
    boolean wantsBody() {
        Attempt now = attempt;
        return gathering || now != null && now.writable();
    }

    /** Takes {@code length} bytes of the source. */
    void body(ByteBuf source, int length) {
        HeldBody holding = held;
        if (gathering && holding != null) {
            if (!holding.hold(source, length)) gathered(false);
            return;
        }
        if (holding != null) holding.copy(source, length);
        if (mirrors != null) for (Mirror mirror : mirrors) mirror.copy(source, source.readerIndex(), length);
        Attempt now = attempt;
        if (now != null) now.sendData(source, length);
        else source.skipBytes(length);
    }

    void bodyEnd(@Nullable Fields trailers) {
        requestEnded = true;
        requestTrailers = trailers;
        if (mirrors != null) for (Mirror mirror : mirrors) mirror.end(trailers);
        if (gathering) {
            gathered(true);
            return;
        }
        Attempt now = attempt;
        if (now != null) now.sendEnd(trailers);
    }

    private void gathered(boolean complete) {
        gathering = false;
        FilterRun run = filters;
        RulePlan found = rule;
        HeldBody body = held;
        if (run == null || found == null || body == null) return;
        if (!complete && run.rejectsOver(found.filters(), body.size())) {
            answer(Failure.TOO_LARGE, Outcome.ANSWERED);
            return;
        }
        if (complete) run.body(body.bytes());
        run.request(found.filters(), this::chooseBackend);
    }

    /** Begins a copy of the request; what of its body is here already goes along, the rest as it comes. */
    void mirror(BackendPlan to) {
        if (done) return;
        Mirror mirror = new Mirror(connection, to, request.copy(), requestEnded);
        if (mirrors == null) mirrors = new ArrayList<>(1);
        mirrors.add(mirror);
        HeldBody body = held;
        if (body != null) body.copyTo(mirror);
        mirror.begin();
    }

    void flushRequest() {
        Attempt now = attempt;
        if (now != null) now.flush();
    }

    void clientWritable() {
        Attempt now = attempt;
        if (now != null && waiting == null) now.read(true);
    }

    void clientGone() {
        if (done) return;
        loop.counters.clientGone++;
        finish(Outcome.CLIENT_GONE);
    }

    // backend and tries

    private void chooseBackend() {
        Split from = split;
        if (from == null) return;
        BackendPlan chosen = from.next();
        backend = chosen;
        if (!chosen.failure().isNone()) {
            answer(chosen.failure(), Outcome.ANSWERED);
        } else if (chosen.filters().isEmpty()) {
            tryBackend(false);
        } else {
            FilterRun run = filters;
            if (run == null) filters = run = new FilterRun(this, rule);
            run.request(chosen.filters(), () -> tryBackend(false));
        }
    }

    private void tryBackend(boolean fresh) {
        backingOff = false;
        BackendPlan to = backend;
        if (to == null || done) return;
        List<Endpoint> ready = to.ready();
        if (ready.isEmpty()) {
            answer(Failure.NO_ENDPOINT, Outcome.NO_ENDPOINT);
            return;
        }
        if (retryPolicy().attempts() > 0 && hasBody()) {
            HeldBody holding = held;
            if (holding == null && attempt == null && retries == 0) held = holding = new HeldBody(connection.channel.alloc(), loop.settings().maxReplayBytes());
            if (holding != null) holding.keep();
        }
        Attempt next = new Attempt(this, to, ready);
        attempt = next;
        next.start(fresh);
    }

    /** The try has a connection: everything of the request that is here already goes out. */
    void connected(Attempt to) {
        to.send(request, !hasBody());
        HeldBody body = held;
        if (body != null) {
            body.replay(to);
            if (!body.keeping()) {
                body.release();
                held = null;
            }
        }
        if (requestEnded && hasBody()) to.sendEnd(requestTrailers);
        long limit = rule == null ? 0 : rule.backendTimeoutNanos();
        if (limit > 0) {
            to.dueNanos = System.nanoTime() + limit;
            arm(to.dueNanos);
        }
        if (requestEnded) to.flush();
        else stream.bodyWanted();
    }

    boolean replayable() {
        HeldBody body = held;
        return body != null && body.keeping() || !hasBody();
    }

    private boolean hasBody() {
        return request.body != Framing.NONE && request.body != 0;
    }

    /** A try failed before its head. True when another was begun. */
    boolean retried(Attempt failed, boolean stale, int responseStatus) {
        if (done || headSent) return false;
        if (stale && replayableAsStale(failed)) {
            loop.counters.staleRetries++;
            tryBackend(true);
            return true;
        }
        RetryPolicy policy = retryPolicy();
        if (retries >= policy.attempts() || !replayable()) return false;
        if (responseStatus > 0 && !policy.codes().contains(responseStatus)) return false;
        if (!policy.budget().getAsBoolean()) {
            failed.cancel();
            answer(Failure.BUDGET, Outcome.ANSWERED);
            return true;
        }
        retries++;
        loop.counters.retries++;
        failed.cancel();
        if (tried == null) tried = new ArrayList<>(4);
        tried.add(failed.endpoint());
        backOff(policy);
        return true;
    }

    private boolean replayableAsStale(Attempt failed) {
        boolean idempotent = switch (request.method()) {
            case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" -> true;
            default -> false;
        };
        return (idempotent || failed.refused()) && (replayable() || failed.sentBytes() == 0 && held == null);
    }

    private void backOff(RetryPolicy policy) {
        backingOff = true;
        attempt = null;
        long base = Math.max(1, policy.backoffNanos());
        long wait = base + (long) (base * (loop.random.next(1000) / 1000.0));
        arm(System.nanoTime() + wait);
    }

    private RetryPolicy retryPolicy() {
        RulePlan of = rule;
        return of == null ? NO_RETRY : of.retry().orElse(NO_RETRY);
    }

    List<Endpoint> tried() {
        List<Endpoint> failed = tried;
        return failed == null ? List.of() : failed;
    }

    // the response

    void informational(ReceivedResponse head) {
        if (!request.http10) stream.informational(head);
    }

    void responseHead(ReceivedResponse response, boolean end) {
        FilterRun run = filters;
        if (run == null || !run.seesResponse()) {
            sendHead(response, end);
            return;
        }
        waiting = response;
        waitingEnd = end;
        run.response(response, () -> {
            waiting = null;
            sendHead(response, end);
            Attempt now = attempt;
            if (now != null && !done) now.read(true);
        });
        Attempt now = attempt;
        if (waiting != null && now != null) now.read(false);
    }

    private void sendHead(ReceivedResponse response, boolean end) {
        headSent = true;
        status = response.status;
        stream.head(response, end);
    }

    void responseData(ByteBuf source, int length) {
        stream.data(source, length);
        Attempt now = attempt;
        if (!stream.writable() && now != null) now.read(false);
    }

    void responseEnd(@Nullable Fields trailers) {
        stream.end(trailers);
        finish(Outcome.COMPLETED);
    }

    void upgraded(Http1Upstream upstream) {
        headSent = true;
        status = 101;
        Attempt now = attempt;
        attempt = null;
        stream.tunnel(upstream);
        if (now != null) now.report(Outcome.COMPLETED);
        finish(Outcome.COMPLETED);
    }

    void flushResponse() {
        stream.flush();
    }

    void bodyRoom() {
        stream.bodyWanted();
    }

    /** The message cannot be completed after its head. */
    void broken(Outcome outcome, long code) {
        loop.counters.brokenAfterHead++;
        stream.breakOff(code);
        finish(outcome);
    }

    // answers of our own

    void answer(Failure failure, Outcome outcome) {
        if (done || headSent) return;
        if (failure.status() == 504) loop.counters.timeouts++;
        reply(OwnAnswer.of(failure, request.grpc), OwnAnswer.body(failure, request.grpc), outcome);
    }

    void reply(FilterAction.Reply reply) {
        if (done || headSent) return;
        reply(OwnAnswer.of(reply, request.grpc), reply.body(), Outcome.ANSWERED);
    }

    private void reply(ReceivedResponse response, byte[] body, Outcome outcome) {
        loop.counters.ownAnswers++;
        FilterRun run = filters;
        if (run != null && run.seesResponse()) run.response(response, () -> send(response, body, outcome));
        else send(response, body, outcome);
    }

    private void send(ReceivedResponse response, byte[] body, Outcome outcome) {
        if (done || headSent) return;
        boolean empty = body.length == 0 || request.headRequest;
        sendHead(response, empty);
        if (!empty) {
            ByteBuf bytes = connection.channel.alloc().directBuffer(body.length).writeBytes(body);
            stream.data(bytes, body.length);
            bytes.release();
        }
        stream.end(null);
        finish(outcome);
        stream.flush();
    }

    // deadlines and the end

    private void arm(long due) {
        dueNanos = wholeNanos > 0 && startNanos + wholeNanos - due < 0 ? startNanos + wholeNanos : due;
        loop.deadlines.set(this, dueNanos);
    }

    @Override void expired(long now) {
        if (done) return;
        boolean whole = wholeNanos > 0 && startNanos + wholeNanos - now <= 0;
        if (!whole && backingOff) {
            tryBackend(false);
            return;
        }
        Attempt now2 = attempt;
        if (!whole && (now2 == null || now2.dueNanos == 0 || now2.dueNanos - now > 0)) {
            if (wholeNanos > 0) arm(startNanos + wholeNanos);
            return;
        }
        if (headSent) {
            loop.counters.timeouts++;
            broken(Outcome.TIMED_OUT, UpstreamStream.INTERNAL);
            stream.flush();
            return;
        }
        if (now2 != null) now2.report(Outcome.TIMED_OUT);
        if (!whole && now2 != null && retried(now2, false, 0)) return;
        answer(Failure.TIMEOUT, Outcome.TIMED_OUT);
    }

    private void finish(Outcome outcome) {
        if (done) return;
        done = true;
        loop.counters.requestsInFlight--;
        if (dueNanos != 0) loop.deadlines.clear(this);
        Attempt now = attempt;
        attempt = null;
        if (now != null) {
            now.report(outcome);
            now.cancel();
        }
        if (mirrors != null) for (Mirror mirror : mirrors) mirror.requestOver();
        HeldBody body = held;
        if (body != null) body.release();
        FilterRun run = filters;
        if (run != null) headLent |= run.pending();
        RulePlan of = rule;
        if (of != null) {
            Backend last = backend == null ? ExchangeRecorder.NO_BACKEND : backend;
            of.recorder().end(last, status, outcome, System.nanoTime() - startNanos);
            of.end(loop.index);
        }
        if (run != null) run.ended();
        stream.over(headLent);
    }

    boolean done() {
        return done;
    }

    boolean requestEnded() {
        return requestEnded;
    }

    @Nullable RulePlan rule() {
        return rule;
    }
}
