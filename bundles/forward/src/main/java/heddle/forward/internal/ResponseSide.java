package heddle.forward.internal;

import heddle.api.plan.Failure;
import heddle.api.policy.FilterAction;
import heddle.api.policy.Outcome;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** The response of one exchange on its way to the client: an endpoint's, or one of our own. Its head goes once. Event loop only. */
final class ResponseSide {
    private final HttpExchange exchange;
    private final ClientStream stream;
    private boolean waiting;
    private boolean headSent;
    private int status;

    ResponseSide(HttpExchange exchange, ClientStream stream) {
        this.exchange = exchange;
        this.stream = stream;
    }

    boolean headSent() {
        return headSent;
    }

    /** 0 = none yet. */
    int status() {
        return status;
    }

    /** The head waits for a filter: its data is not wanted yet. */
    boolean waiting() {
        return waiting;
    }

    void informational(ReceivedResponse head) {
        if (!exchange.request.http10) stream.informational(head);
    }

    void head(ReceivedResponse response, boolean end) {
        FilterRun run = exchange.filters();
        if (run == null || !run.seesResponse()) {
            received(response, end);
            return;
        }
        waiting = true;
        run.response(response, () -> {
            waiting = false;
            received(response, end);
            Attempt now = exchange.tries.current();
            if (now != null && !exchange.done()) now.read(true);
        });
        Attempt now = exchange.tries.current();
        if (waiting && now != null) now.read(false);
    }

    private void received(ReceivedResponse response, boolean end) {
        if (response.status == 404 || response.status >= 500) remember(response.status, "backend");
        exchange.tries.tellSession(response);
        sendHead(response, end);
    }

    private void sendHead(ReceivedResponse response, boolean end) {
        headSent = true;
        status = response.status;
        if (response.upgrade) exchange.tunnelled();
        stream.head(response, end);
    }

    void data(ByteBuf source, int length) {
        stream.data(source, length);
        Attempt now = exchange.tries.current();
        if (!stream.writable() && now != null) now.read(false);
    }

    void end(@Nullable Fields trailers) {
        stream.end(trailers);
        exchange.finish(Outcome.COMPLETED);
    }

    void upgraded(Http1Upstream upstream) {
        headSent = true;
        status = 101;
        Attempt now = exchange.tries.take();
        stream.tunnel(upstream);
        if (now != null) now.report(Outcome.COMPLETED);
        exchange.finish(Outcome.COMPLETED);
    }

    /** The message cannot be completed after its head. */
    void broken(Outcome outcome, long code) {
        exchange.loop.counters.brokenAfterHead++;
        remember(0, outcome == Outcome.TIMED_OUT ? "timeout" : "broken-off");
        stream.breakOff(code);
        exchange.finish(outcome);
    }

    // answers of our own

    void answer(Failure failure, Outcome outcome) {
        if (exchange.done() || headSent) return;
        if (failure.status() == 504) exchange.loop.counters.timeouts++;
        remember(failure.status(), failure.reason());
        reply(OwnAnswer.of(failure, exchange.request.grpc), OwnAnswer.body(failure, exchange.request.grpc), outcome);
    }

    void reply(FilterAction.Reply reply) {
        if (exchange.done() || headSent) return;
        if (reply.status() >= 400) remember(reply.status(), reply.reason());
        reply(OwnAnswer.of(reply, exchange.request.grpc), reply.body(), Outcome.ANSWERED);
    }

    private void remember(int failed, String reason) {
        exchange.connection.log().failed(exchange.request, exchange.request.receivedTarget(), exchange.rule(), failed, reason);
    }

    private void reply(ReceivedResponse response, byte[] body, Outcome outcome) {
        exchange.loop.counters.ownAnswers++;
        FilterRun run = exchange.filters();
        if (run != null && run.seesResponse()) run.response(response, () -> send(response, body, outcome));
        else send(response, body, outcome);
    }

    private void send(ReceivedResponse response, byte[] body, Outcome outcome) {
        if (exchange.done() || headSent) return;
        boolean empty = body.length == 0 || exchange.request.headRequest;
        sendHead(response, empty);
        if (!empty) {
            ByteBuf bytes = exchange.connection.channel.alloc().directBuffer(body.length).writeBytes(body);
            stream.data(bytes, body.length);
            bytes.release();
        }
        stream.end(null);
        exchange.finish(outcome);
        stream.flush();
    }
}
