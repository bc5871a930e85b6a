package heddle.forward.internal;

import heddle.api.plan.Failure;
import heddle.api.policy.Outcome;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/** One stream of a client's HTTP/2 connection: holds what of the request's body nobody wants yet, so that the client's window stays
 *  shut, and writes the response. Event loop only. */
final class Http2Turn implements ClientStream {
    /** Response data up to this is gathered into one frame. */
    private static final int COPY = 4096;
    private static final int GATHER = 8192;
    private static final int PART = 16384;
    private static final int ROOM = 128 * 1024;

    private final Http2Server server;
    private final Http2Stream stream;
    private final ReceivedRequest request;
    final HttpExchange exchange;
    /** Body that came before it was wanted; its window is given back when it is taken. */
    private @Nullable ByteBuf ahead;
    /** Response data that is not written yet, so that the last of it carries END_STREAM. */
    private @Nullable ByteBuf held;
    private boolean heldOurs;
    /** Response bytes taken and not yet in the socket. Netty's own writability would make all streams wait for one without a window. */
    private int pending;
    private boolean waiting;
    private boolean clientEnded;
    private boolean endTold;
    private @Nullable Fields trailers;
    private boolean giving;
    private boolean ended;
    private boolean over;
    private boolean gone;
    private long lastData;

    Http2Turn(Http2Server server, Http2Stream stream, ReceivedRequest request, boolean end) {
        this.server = server;
        this.stream = stream;
        this.request = request;
        this.clientEnded = end;
        this.endTold = request.body == Framing.NONE || request.body == 0;
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
            held = Unpooled.wrappedBuffer(body);
            end(null);
        }
        server.giveBack(request);
    }

    // the request

    int data(ByteBuf data, int padding, boolean end) {
        int n = data.readableBytes();
        clientEnded |= end;
        lastData = System.nanoTime();
        if (over) return n + padding;
        if (n > 0 && (ahead != null || !exchange.wantsBody())) {
            keep(data, n);
            n = 0;
        } else if (n > 0) {
            exchange.body(data, n);
        }
        tellEnd();
        server.touch(this);
        return n + padding;
    }

    private void keep(ByteBuf data, int n) {
        ByteBuf now = ahead;
        if (now == null || now.writableBytes() < n) {
            int had = now == null ? 0 : now.readableBytes();
            ByteBuf more = server.connection.channel.alloc().directBuffer(Math.max(1024, 2 * (had + n)));
            if (now != null) {
                more.writeBytes(now);
                now.release();
            }
            ahead = now = more;
        }
        now.writeBytes(data, data.readerIndex(), n);
    }

    void trailers(Http2Headers headers, boolean end) throws Http2Exception {
        Fields fields = end ? Http2Requests.trailers(headers, server.settings.maxHeaders()) : null;
        if (fields == null) throw Http2Exception.streamError(stream.id(), Http2Error.PROTOCOL_ERROR, "malformed trailers");
        clientEnded = true;
        if (over) return;
        if (fields.count() > 0) trailers = fields;
        tellEnd();
        server.touch(this);
    }

    private void tellEnd() {
        if (endTold || !clientEnded || ahead != null || over) return;
        endTold = true;
        exchange.bodyEnd(trailers);
    }

    @Override public void bodyWanted() {
        if (giving || over) return;
        giving = true;
        int taken = 0;
        ByteBuf now;
        while ((now = ahead) != null && !over && exchange.wantsBody()) {
            int n = Math.min(PART, now.readableBytes());
            exchange.body(now, n);
            taken += n;
            if (ahead == now && !now.isReadable()) {
                ahead = null;
                now.release();
            }
        }
        giving = false;
        lastData = System.nanoTime();
        if (taken > 0) consumed(taken);
        tellEnd();
        if (server.reading()) server.touch(this);
        else exchange.flushRequest();
    }

    private void consumed(int bytes) {
        if (gone) return;
        try {
            if (server.connection().local().flowController().consumeBytes(stream, bytes)) server.flushSoon();
        } catch (Http2Exception e) {
            server.onError(server.context(), true, e);
        }
    }

    void flushRequest() {
        if (!over) exchange.flushRequest();
    }

    /** The client owes us body data for longer than it may. */
    boolean slow(long now) {
        return !over && !clientEnded && ahead == null && exchange.wantsBody() && now - lastData - server.settings.bodyNanos() >= 0;
    }

    void tooSlow() {
        server.loop.counters.slowClients++;
        if (!ended) exchange.answer(new Failure(408, 4, "request-timeout", "the request body did not come in time"), Outcome.CLIENT_GONE);
        if (!over) {
            server.reset(stream.id(), Http2Error.CANCEL.code());
        }
    }

    // the response

    @Override public void informational(ReceivedResponse head) {
        if (gone || head.status == 101) return;
        write(Http2Heads.response(head), false);
        server.flushSoon();
    }

    @Override public void head(ReceivedResponse head, boolean end) {
        if (gone) return;
        if (end) ended = true;
        whenEnded(write(Http2Heads.response(head), end), end);
    }

    private ChannelFuture write(Http2Headers headers, boolean end) {
        ChannelHandlerContext ctx = server.context();
        return server.encoder().writeHeaders(ctx, stream.id(), headers, 0, end, ctx.newPromise());
    }

    @Override public void data(ByteBuf source, int length) {
        if (gone || ended) {
            source.skipBytes(length);
            return;
        }
        pending += length;
        ByteBuf now = held;
        if (now != null && heldOurs && now.writableBytes() >= length) {
            now.writeBytes(source, length);
            return;
        }
        push(false);
        heldOurs = length <= COPY;
        held = heldOurs ? server.connection.channel.alloc().directBuffer(GATHER).writeBytes(source, length) : source.readRetainedSlice(length);
    }

    private void push(boolean end) {
        ByteBuf now = held;
        held = null;
        if (now == null && !end) return;
        ChannelHandlerContext ctx = server.context();
        int n = now == null ? 0 : now.readableBytes();
        ChannelFuture written = server.encoder().writeData(ctx, stream.id(), now == null ? Unpooled.EMPTY_BUFFER : now, 0, end, ctx.newPromise());
        if (end) whenEnded(written, true);
        else written.addListener(sent -> roomFor(n));
    }

    private void roomFor(int bytes) {
        pending -= bytes;
        if (!waiting || gone || pending >= ROOM / 2) return;
        waiting = false;
        server.resume(this);
    }

    @Override public void end(@Nullable Fields last) {
        if (gone || ended) return;
        ended = true;
        if (last == null) {
            push(true);
            return;
        }
        push(false);
        whenEnded(write(Http2Heads.trailers(last), true), true);
    }

    /** A response that is complete before its request: the rest of the request is not wanted (RFC 9113 §8.1). */
    private void whenEnded(ChannelFuture written, boolean end) {
        if (!end) return;
        server.flushSoon();
        if (clientEnded) return;
        written.addListener(sent -> {
            if (!gone && !clientEnded) server.reset(stream.id(), Http2Error.NO_ERROR.code());
        });
    }

    @Override public void breakOff(long code) {
        dropHeld();
        if (gone || ended) return;
        ended = true;
        server.reset(stream.id(), code);
    }

    @Override public void tunnel(Http1Upstream upstream) {
        upstream.channel.close();                               // no request of HTTP/2 asks for it
        breakOff(Http2Error.INTERNAL_ERROR.code());
    }

    @Override public boolean writable() {
        waiting = pending >= ROOM;
        return !waiting;
    }

    void writableAgain() {
        if (!over) exchange.clientWritable();
    }

    @Override public void flush() {
        if (gone) return;
        push(false);
        server.flushSoon();
    }

    @Override public void over(boolean headLent) {
        over = true;
        dropAhead();
        if (!gone && !ended) breakOff(Http2Error.INTERNAL_ERROR.code());
        if (!headLent) server.giveBack(request);
    }

    @Override public void lastOfConnection() {
        server.drain();
    }

    /** The stream has closed, however that came. */
    void closed() {
        gone = true;
        dropHeld();
        if (!over && !ended) exchange.clientGone();
    }

    private void dropAhead() {
        ByteBuf now = ahead;
        ahead = null;
        if (now == null) return;
        int rest = now.readableBytes();
        now.release();
        consumed(rest);
    }

    private void dropHeld() {
        ByteBuf now = held;
        held = null;
        if (now != null) now.release();
    }
}
