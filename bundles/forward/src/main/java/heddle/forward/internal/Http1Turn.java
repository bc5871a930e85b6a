package heddle.forward.internal;

import heddle.api.plan.Failure;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** One request's turn on a client's HTTP/1.1 connection: writes its response. Event loop only. */
final class Http1Turn implements ClientStream {
    private static final byte[] VERSION = Bytes.ascii("HTTP/1.1 ");
    private static final byte[] CRLF = Bytes.ascii("\r\n");
    private static final byte[] CHUNKED = Bytes.ascii("transfer-encoding: chunked\r\n");
    private static final byte[] NO_BODY = Bytes.ascii("content-length: 0\r\n");
    private static final byte[] CLOSE = Bytes.ascii("connection: close\r\n");
    private static final byte[] KEEP_ALIVE = Bytes.ascii("connection: keep-alive\r\n");

    private final Http1Pipeline pipeline;
    private final ClientConnection connection;
    private final Outgoing out;
    private final ReceivedRequest request;
    final HttpExchange exchange;
    private boolean close;
    private boolean chunked;
    private boolean headWritten;
    private boolean continued;
    private boolean tunnelled;
    boolean bodyBegun;

    Http1Turn(Http1Pipeline pipeline, ClientConnection connection, Outgoing out, ReceivedRequest request, long startNanos, boolean close) {
        this.pipeline = pipeline;
        this.connection = connection;
        this.out = out;
        this.request = request;
        this.close = close;
        this.exchange = new HttpExchange(connection.loop, connection, this, request, startNanos);
    }

    boolean headWritten() {
        return headWritten;
    }

    void closeAfter() {
        close = true;
    }

    @Override public void lastOfConnection() {
        close = true;
    }

    @Override public void informational(ReceivedResponse head) {
        if (head.status == 100) continued = true;
        line(head, head.fields.size());
        ByteBuf to = out.room(2 + head.fields.size());
        head.fields.writeTo(to);
        to.writeBytes(CRLF);
        flush();
    }

    @Override public void head(ReceivedResponse response, boolean end) {
        headWritten = true;
        if (response.upgrade) {
            webSocket(response);
            return;
        }
        int size = response.fields.size() + 96;
        line(response, size);
        ByteBuf to = out.room(size);
        response.fields.writeTo(to);
        boolean never = request.headRequest || response.status == 204 || response.status == 304;
        if (!never && response.body < 0) {
            if (end) to.writeBytes(NO_BODY);
            else if (request.http10) close = true;
            else {
                chunked = true;
                to.writeBytes(CHUNKED);
            }
        }
        if (request.expectsContinue && !continued && !bodyBegun) close = true;    // nobody knows whether the body will come
        if (close) to.writeBytes(CLOSE);
        else if (request.http10) to.writeBytes(KEEP_ALIVE);
        to.writeBytes(CRLF);
    }

    /** The yes of an HTTP/2 endpoint, in HTTP/1.1's words; the exchange goes on to carry bytes both ways. */
    private void webSocket(ReceivedResponse response) {
        close = true;
        response.fields.set(WebSocketHandshake.ACCEPT, WebSocketHandshake.accept(request.header(WebSocketHandshake.KEY)));
        response.fields.append("connection", "upgrade");
        response.fields.append("upgrade", "websocket");
        line(response, response.fields.size() + 2);
        ByteBuf to = out.room(response.fields.size() + 2);
        response.fields.writeTo(to);
        to.writeBytes(CRLF);
        pipeline.tunnel();
    }

    /** The status line, with room behind it for what follows. */
    private void line(ReceivedResponse response, int more) {
        int reason = response.reasonEnd - response.reasonStart;
        ByteBuf to = out.room(16 + reason + more);
        to.writeBytes(VERSION);
        int status = response.status;
        to.writeMedium('0' + status / 100 << 16 | '0' + status / 10 % 10 << 8 | '0' + status % 10);
        to.writeByte(' ');
        if (reason > 0) to.writeBytes(response.fields.bytes, response.reasonStart, reason);
        else Bytes.latin1(to, Reasons.of(status));
        to.writeBytes(CRLF);
    }

    @Override public void data(ByteBuf source, int length) {
        if (chunked) out.chunk(source, length);
        else out.data(source, length);
    }

    @Override public void end(@Nullable Fields trailers) {
        if (chunked) out.lastChunk(trailers);
    }

    @Override public void breakOff(long code) {
        pipeline.breakOff();
    }

    @Override public void tunnel(Http1Upstream upstream) {
        tunnelled = true;
        ReceivedResponse response = upstream.response();
        line(response, response.fields.size() + 2);
        ByteBuf to = out.room(response.fields.size() + 2);
        response.fields.writeTo(to);
        to.writeBytes(CRLF);
        connection.loop.counters.tunnels++;
        ByteBuf fromUpstream = upstream.giveAway();
        ByteBuf fromClient = pipeline.giveAway();
        Relay.join(connection, upstream.channel, fromClient, fromUpstream);
    }

    @Override public boolean writable() {
        return out.writable();
    }

    @Override public void bodyWanted() {
        pipeline.advance();
        if (!pipeline.reading()) exchange.flushRequest();
    }

    @Override public void flush() {
        if (!tunnelled) pipeline.flush();
    }

    @Override public void over(boolean headLent) {
        if (!tunnelled) pipeline.over(this, close, headLent);
    }

    /** The answer to what is no request; the connection closes behind it. */
    static void writeRefusal(Outgoing out, Failure failure) {
        ReceivedResponse response = OwnAnswer.of(failure, false);
        byte[] body = OwnAnswer.body(failure, false);
        ByteBuf to = out.room(response.fields.size() + body.length + 128);
        to.writeBytes(VERSION);
        Bytes.latin1(to, failure.status() + " " + Reasons.of(failure.status()));
        to.writeBytes(CRLF);
        response.fields.writeTo(to);
        to.writeBytes(CLOSE).writeBytes(CRLF).writeBytes(body);
    }
}
