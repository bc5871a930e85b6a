package heddle.forward.internal;

import heddle.api.plan.Failure;
import heddle.api.policy.Outcome;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/** One stream of a client's HTTP/2 connection: takes its request as far as it is wanted, and writes the response. Event loop only. */
final class Http2Turn extends Http2Body implements ClientStream {
    private final Http2Server server;
    private final ReceivedRequest request;
    final HttpExchange exchange;
    private boolean clientEnded;
    private boolean endTold;
    private @Nullable Fields trailers;
    private boolean ended;
    private boolean over;
    private long lastData;

    Http2Turn(Http2Server server, Http2Stream stream, ReceivedRequest request, boolean end) {
        super(server);
        stream(stream);
        this.server = server;
        this.request = request;
        this.clientEnded = end;
        this.endTold = !request.webSocket && (request.body == Framing.NONE || request.body == 0);
        this.lastData = System.nanoTime();
        this.exchange = new HttpExchange(server.loop, server.connection, this, request, lastData);
    }

    /** Answers what must not go further. */
    void refuse(Failure failure) {
        over = true;
        ReceivedResponse response = OwnAnswer.of(failure, request.grpc);
        byte[] body = request.headRequest ? new byte[0] : OwnAnswer.body(failure, request.grpc);
        head(response, body.length == 0);
        if (body.length > 0) {
            gather(Unpooled.wrappedBuffer(body), body.length);
            end(null);
        }
        server.giveBack(request);
    }

    // the request

    int data(ByteBuf data, int padding, boolean end) {
        clientEnded |= end;
        lastData = System.nanoTime();
        if (over) return data.readableBytes() + padding;
        int done = come(data);
        tellEnd();
        server.touch(this);
        return done + padding;
    }

    @Override boolean wants() {
        return !over && exchange.wantsBody();
    }

    @Override void take(ByteBuf source, int length) {
        exchange.body(source, length);
    }

    void trailers(Http2Headers headers, boolean end) throws Http2Exception {
        Fields fields = end ? Http2Requests.trailers(headers, server.settings.maxHeaders()) : null;
        if (fields == null) throw Http2Exception.streamError(id(), Http2Error.PROTOCOL_ERROR, "malformed trailers");
        clientEnded = true;
        if (over) return;
        if (fields.count() > 0) trailers = fields;
        tellEnd();
        server.touch(this);
    }

    private void tellEnd() {
        if (endTold || !clientEnded || holds() || over || request.webSocket && !exchange.wantsBody()) return;
        endTold = true;
        exchange.bodyEnd(trailers);
    }

    @Override public void bodyWanted() {
        if (giving() || over) return;
        give();
        lastData = System.nanoTime();
        tellEnd();
        if (server.reading()) server.touch(this);
        else exchange.flushRequest();
    }

    @Override void readDone() {
        if (!over) exchange.flushRequest();
    }

    /** The client owes us body data for longer than it may. */
    boolean slow(long now) {
        return !over && !clientEnded && !request.webSocket && !holds() && exchange.wantsBody() && now - lastData - server.settings.bodyNanos() >= 0;
    }

    void tooSlow() {
        server.loop.counters.slowClients++;
        if (!ended) exchange.answer(new Failure(408, 4, "request-timeout", "the request body did not come in time"), Outcome.CLIENT_GONE);
        if (!over) server.reset(id(), Http2Error.CANCEL.code());
    }

    // the response

    @Override public void informational(ReceivedResponse head) {
        if (isClosed() || head.status == 101) return;
        write(Http2Heads.response(head), false);
        server.flushSoon();
    }

    @Override public void head(ReceivedResponse head, boolean end) {
        if (isClosed()) return;
        if (end) ended = true;
        if (head.upgrade) {                                           // RFC 8441 §5: 200 is what 101 is in HTTP/1.1
            head.status = 200;
            head.fields.remove(WebSocketHandshake.ACCEPT);
        }
        whenEnded(write(Http2Heads.response(head), end), end);
    }

    @Override public void data(ByteBuf source, int length) {
        if (ended) source.skipBytes(length);
        else gather(source, length);
    }

    @Override public void end(@Nullable Fields last) {
        if (isClosed() || ended) return;
        ended = true;
        if (last == null) {
            whenEnded(pushLast(), true);
            return;
        }
        push();
        whenEnded(write(Http2Heads.trailers(last), true), true);
    }

    /** A response that is complete before its request: the rest of the request is not wanted (RFC 9113 §8.1). */
    private void whenEnded(ChannelFuture written, boolean end) {
        if (!end) return;
        server.flushSoon();
        if (clientEnded) return;
        written.addListener(sent -> {
            if (!isClosed() && !clientEnded) server.reset(id(), Http2Error.NO_ERROR.code());
        });
    }

    @Override public void breakOff(long code) {
        dropGathered();
        if (isClosed() || ended) return;
        ended = true;
        server.reset(id(), code);
    }

    @Override public void tunnel(Http1Upstream upstream) {
        upstream.channel.close();                               // no request of HTTP/2 asks for it
        breakOff(Http2Error.INTERNAL_ERROR.code());
    }

    @Override public boolean writable() {
        return hasRoom();
    }

    @Override void roomAgain() {
        if (!over) exchange.clientWritable();
    }

    @Override public void flush() {
        if (isClosed()) return;
        push();
        server.flushSoon();
    }

    @Override public void over(boolean headLent) {
        over = true;
        dropHeld();
        if (!isClosed() && !ended) breakOff(Http2Error.INTERNAL_ERROR.code());
        if (!headLent) server.giveBack(request);
    }

    @Override public void lastOfConnection() {
        server.drain();
    }

    @Override void closed() {
        super.closed();
        dropGathered();
        if (!over && !ended) exchange.clientGone();
    }
}
