package heddle.forward.internal;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/** An HTTP/1.1 connection to an endpoint: one exchange at a time, then idle in its pool. Reads of the response only the head and where
 *  the body ends. Its event loop only. */
final class Http1Upstream extends ChannelInboundHandlerAdapter implements UpstreamStream {
    private enum At { IDLE, HEAD, BODY }

    private static final byte[] VERSION = Bytes.ascii(" HTTP/1.1\r\n");
    private static final byte[] CHUNKED = Bytes.ascii("transfer-encoding: chunked\r\n");
    private static final byte[] TE_TRAILERS = Bytes.ascii("te: trailers\r\nconnection: te\r\n");
    private static final byte[] REQUEST_ID = Bytes.ascii("x-request-id: ");
    private static final byte[] CRLF = Bytes.ascii("\r\n");

    final Channel channel;
    private final Loop loop;
    private final UpstreamPool pool;
    private final Outgoing out;
    private final ReceivedResponse response = new ReceivedResponse();
    private final HeadParser parser;
    private final BodyReader body;
    private final Inbox in;
    private @Nullable Listener listener;
    private At at = At.IDLE;
    private boolean used;
    private boolean untouched;
    private boolean requestEnded;
    private boolean chunkedRequest;
    private boolean headRequest;
    private boolean upgradeAsked;
    /** The answer to a WebSocket's key, when the client's side is a stream of HTTP/2: the tunnel is then carried by the exchange. */
    private @Nullable String accept;
    private boolean tunnel;
    private boolean wanted = true;
    private boolean reading;
    private boolean failed;
    /** The connection has ended: what {@link #in} holds is all there is. */
    private boolean gone;
    long idleSince;

    Http1Upstream(Loop loop, UpstreamPool pool, Channel channel) {
        this.loop = loop;
        this.pool = pool;
        this.channel = channel;
        this.out = new Outgoing(channel);
        this.in = new Inbox(channel);
        Settings settings = loop.settings();
        this.parser = new HeadParser(HeadParser.Kind.RESPONSE, response.fields, settings.maxHeaderBytes(), settings.maxHeaders());
        this.body = new BodyReader(settings.maxHeaderBytes(), settings.maxHeaders());
    }

    /** Lends the connection for one exchange. */
    void lend(Listener to) {
        boolean reused = used;
        used = true;
        listener = to;
        at = At.HEAD;
        untouched = true;
        requestEnded = false;
        wanted = true;
        parser.reset();
        to.connected(this, reused);
    }

    boolean usable() {
        return channel.isActive() && at == At.IDLE && in.isEmpty();
    }

    @Override public void send(ReceivedRequest request, boolean end) {
        headRequest = request.headRequest;
        upgradeAsked = request.upgrade;
        accept = request.http2 && request.webSocket ? WebSocketHandshake.accept(request.header(WebSocketHandshake.KEY)) : null;
        chunkedRequest = request.body == Framing.CHUNKED;
        ByteBuf to = out.room(request.sizeOfLine() + request.fields.size() + 192);
        request.writeLine(to);
        to.writeBytes(VERSION);
        request.fields.writeTo(to);
        if (request.http10 && !request.fields.has("host")) Bytes.field(to, "host", request.authority());
        if (request.idMade) {
            to.writeBytes(REQUEST_ID);
            byte[] hex = loop.hex;
            Bytes.hex16(hex, 0, request.idHigh);
            Bytes.hex16(hex, 16, request.idLow);
            hex[32] = Bytes.CR;
            hex[33] = Bytes.LF;
            to.writeBytes(hex, 0, 34);
        }
        if (chunkedRequest) to.writeBytes(CHUNKED);
        if (request.http2 && request.grpc && request.wantsTrailers) to.writeBytes(TE_TRAILERS);
        to.writeBytes(CRLF);
        if (end) {
            if (chunkedRequest) end(null);
            else requestEnded = true;
        }
    }

    @Override public void data(ByteBuf source, int length) {
        if (chunkedRequest) out.chunk(source, length);
        else out.data(source, length);
    }

    @Override public void end(@Nullable Fields trailers) {
        requestEnded = true;
        if (tunnel) out.shutdown();
        if (chunkedRequest) out.lastChunk(trailers);
    }

    @Override public void flush() {
        out.flush();
    }

    @Override public boolean writable() {
        return (accept == null || tunnel) && channel.isWritable();
    }

    @Override public void read(boolean now) {
        if (wanted == now) return;
        wanted = now;
        if (!gone) in.paused(!now);
        if (now && !reading) advance(true);
    }

    @Override public void cancel() {
        listener = null;
        if (tunnel) Channels.reset(channel);
        close();
    }

    private void close() {
        out.discard();
        channel.close();
        if (gone && !reading) in.release();
    }

    @Override public void channelRead(ChannelHandlerContext ctx, Object message) {
        in.add((ByteBuf) message);
        untouched = false;
        if (at == At.IDLE) {
            close();                                              // nobody asked: whatever it is, it answers no request of ours
            return;
        }
        advance(false);
    }

    @Override public void channelReadComplete(ChannelHandlerContext ctx) {
        Listener told = listener;
        if (told != null) told.readComplete();
    }

    /** Tells what has come; stops where the listener wants no more. */
    private void advance(boolean complete) {
        reading = true;
        Listener told = listener;
        try {
            while (wanted && listener == told && told != null && step(told)) { }
            if (gone && wanted && listener == told && told != null) over(told);
        } finally {
            reading = false;
        }
        if (complete && told != null) told.readComplete();
        if (channel.isOpen() || listener != null) in.trim();
        else in.release();
    }

    /** All that had come is taken, and no more comes. */
    private void over(Listener told) {
        if (at == At.BODY && body.untilClose() && !failed) ended(told);
        else broken(told);
    }

    private boolean step(Listener told) {
        if (at == At.HEAD) return in.buffer() != null && head(told, parser.feed(in.buffer()));
        ByteBuf buffer = in.buffer();
        if (at != At.BODY) return false;
        if (buffer == null) return body.ended() && ended(told);
        int n = body.next(buffer);
        if (n > 0) {
            body.took(n);
            told.data(buffer, n);
            return true;
        }
        if (n == BodyReader.END) return ended(told);
        if (n == BodyReader.BAD) broken(told);
        return false;
    }

    private boolean head(Listener told, HeadParser.Result result) {
        if (result == HeadParser.Result.MORE) return false;
        if (result == HeadParser.Result.BAD || !Http1Responses.read(parser, response, headRequest)) {
            broken(told);
            return false;
        }
        if (response.status < 200) {
            if (response.status == 101) return upgrade(told);
            told.informational(response);
            parser.reset();
            return true;
        }
        at = At.BODY;
        body.start(response.body == Framing.NONE || headRequest ? 0 : response.body);
        told.head(response, body.ended());
        return true;
    }

    private boolean upgrade(Listener told) {
        if (!upgradeAsked || !response.upgrade) {
            broken(told);
            return false;
        }
        if (accept != null) return tunnel(told, accept);
        listener = null;
        at = At.IDLE;
        told.upgraded(this);
        return false;
    }

    /** From here on bytes are data, until the endpoint closes. */
    private boolean tunnel(Listener told, String expected) {
        if (!response.header(WebSocketHandshake.ACCEPT).equals(expected)) {
            broken(told);
            return false;
        }
        tunnel = true;
        at = At.BODY;
        response.body = Framing.CHUNKED;
        body.start(Framing.UNTIL_CLOSE);
        told.head(response, false);
        told.writableAgain();
        return true;
    }

    private boolean ended(Listener told) {
        Fields trailers = body.trailers().count() > 0 && response.body == Framing.CHUNKED ? body.trailers() : null;
        listener = null;
        at = At.IDLE;
        boolean keep = requestEnded && response.keepAlive && !body.untilClose() && in.isEmpty() && channel.isActive();
        if (keep) pool.release(this);                             // first: the client's next request may already wait for it
        else close();
        told.ended(trailers);
        told.readComplete();
        return false;
    }

    private void broken(Listener told) {
        listener = null;
        at = At.IDLE;
        told.broken(untouched, tunnel ? CANCELLED : INTERNAL);
        close();
    }

    /** Gives the raw connection away after a 101, with what had come behind its head. */
    @Nullable ByteBuf giveAway() {
        out.flush();
        channel.pipeline().remove(this);
        return in.take();
    }

    ReceivedResponse response() {
        return response;
    }

    @Override public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        Listener told = listener;
        if (told != null && channel.isWritable()) told.writableAgain();
    }

    @Override public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failed = true;                                            // a failed write: the response may still be readable; a failed read: inactive follows
        if (cause instanceof java.io.IOException) return;
        Faults.note("HTTP/1.1 upstream connection", cause);
        ctx.close();
    }

    @Override public void channelInactive(ChannelHandlerContext ctx) {
        gone = true;
        if (listener == null) pool.gone(this);
        advance(true);                                            // what the client has no room for yet is still owed to it
        out.discard();
    }
}
