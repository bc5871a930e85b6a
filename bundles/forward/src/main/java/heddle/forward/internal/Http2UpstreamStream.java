package heddle.forward.internal;

import heddle.api.plan.Failure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/** One exchange on an HTTP/2 connection to an endpoint. Event loop only. */
final class Http2UpstreamStream extends Http2Body implements UpstreamStream {
    private static final Failure NO_WEBSOCKET = new Failure(502, 14, "no-websocket", "the endpoint takes no WebSocket over HTTP/2");

    private final Http2Upstream connection;
    private final ReceivedResponse response = new ReceivedResponse();
    private @Nullable Listener listener;
    private @Nullable Fields trailers;
    private boolean wanted = true;
    private boolean requestEnded;
    private boolean responseEnded;
    private boolean headSeen;
    private boolean headRequest;
    private boolean given;
    /** Asked for a WebSocket; its data goes once the endpoint has said yes. */
    private boolean tunnel;
    private boolean opened;
    private long code = INTERNAL;

    Http2UpstreamStream(Http2Upstream connection, Listener listener) {
        super(connection);
        this.connection = connection;
        this.listener = listener;
    }

    // the request

    @Override public void send(ReceivedRequest request, boolean end) {
        requestEnded = end;
        headRequest = request.headRequest;
        if (request.webSocket) {
            tunnel = true;
            requestEnded = false;
            connection.whenSettled(() -> connect(request));
            return;
        }
        begin(Http2Heads.request(request, connection.secure), end);
    }

    private void connect(ReceivedRequest request) {
        Listener told = listener;
        if (told == null) return;
        if (connection.connectAllowed() || !connection.channel.isActive()) {
            begin(Http2Heads.connect(request, connection.secure), false);
            connection.flushSoon();
            return;
        }
        listener = null;
        giveBack();
        byte[] body = OwnAnswer.body(NO_WEBSOCKET, false);
        told.head(OwnAnswer.of(NO_WEBSOCKET, false), false);
        told.data(Unpooled.wrappedBuffer(body), body.length);
        told.ended(null);
        told.readComplete();
    }

    private void begin(Http2Headers head, boolean end) {
        Http2Stream begun = connection.begin(this, head, end);
        stream(begun);
        if (begun == null) {                                                         // the connection had just ended
            code = REFUSED;
            connection.loop.executor.execute(this::closed);
        } else if (end) {
            connection.flushSoon();
        }
    }

    @Override public void data(ByteBuf source, int length) {
        gather(source, length);
    }

    @Override public void end(@Nullable Fields last) {
        if (requestEnded || !open()) return;
        requestEnded = true;
        if (last == null) {
            pushLast();
        } else {
            push();
            write(Http2Heads.trailers(last), true);
        }
        connection.flushSoon();
    }

    @Override public void flush() {
        push();
        connection.flushSoon();
    }

    @Override public boolean writable() {
        return (opened || !tunnel) && hasRoom();
    }

    @Override void roomAgain() {
        Listener told = listener;
        if (told != null) told.writableAgain();
    }

    @Override public void cancel() {
        listener = null;
        if (open()) connection.reset(id(), Http2Error.CANCEL.code());
        giveBack();
    }

    // the response

    void headers(Http2Headers received, boolean end) {
        Listener told = listener;
        if (told == null) return;
        if (headSeen) {
            Fields fields = end ? Http2Requests.trailers(received, connection.loop.settings().maxHeaders()) : null;
            if (fields == null) {
                fail();
                return;
            }
            if (fields.count() > 0) trailers = fields;
            responseEnded = true;
            tell();
            connection.touch(this);
            return;
        }
        if (!Http2Responses.read(received, response, headRequest, end, connection.loop.settings().maxHeaders())) {
            fail();
            return;
        }
        connection.touch(this);
        if (response.status < 200) {
            told.informational(response);
            return;
        }
        headSeen = true;
        responseEnded = end;
        if (tunnel && response.status < 300) {
            opened = true;
            response.status = 101;
            response.upgrade = true;
            response.body = Framing.CHUNKED;
            told.head(response, false);
            told.writableAgain();
        } else {
            told.head(response, end);
        }
        if (end) tell();
    }

    int received(ByteBuf data, int padding, boolean end) {
        int n = data.readableBytes();
        if (listener == null) return n + padding;
        if (!headSeen) {
            fail();
            return n + padding;
        }
        responseEnded |= end;
        connection.touch(this);
        int done = come(data);
        tell();
        return done + padding;
    }

    @Override boolean wants() {
        return wanted && listener != null;
    }

    @Override void take(ByteBuf source, int length) {
        Listener told = listener;
        if (told != null) told.data(source, length);
        else source.skipBytes(length);
    }

    /** Tells what has come, as long as it is wanted. */
    private void tell() {
        if (giving()) return;
        give();
        Listener told = listener;
        if (told == null || holds()) return;
        if (responseEnded) {
            if (!wanted) return;                                                     // a stream may close before its end is taken
            listener = null;
            boolean unfinished = !requestEnded;
            giveBack();
            told.ended(trailers);
            told.readComplete();
            if (unfinished && open()) connection.reset(id(), Http2Error.NO_ERROR.code());
        } else if (isClosed()) {
            broken(told);
        }
    }

    @Override public void read(boolean now) {
        if (wanted == now) return;
        wanted = now;
        if (!now || giving()) return;
        Listener told = listener;
        tell();
        if (told != null && !connection.reading()) told.readComplete();
    }

    @Override void readDone() {
        Listener told = listener;
        if (told != null) told.readComplete();
    }

    /** The endpoint has reset the stream, or will not look at it. */
    void reset(long why) {
        code = why;
        closed();
    }

    @Override void closed() {
        if (isClosed()) return;
        super.closed();
        Listener told = listener;
        if (told == null) return;
        if (responseEnded) tell();
        else if (!holds()) broken(told);
    }

    private void fail() {
        if (open()) connection.reset(id(), Http2Error.PROTOCOL_ERROR.code());
        super.closed();
        Listener told = listener;
        if (told != null) broken(told);
    }

    private void broken(Listener told) {
        listener = null;
        giveBack();
        told.broken(!headSeen, code);
        told.readComplete();
    }

    private void giveBack() {
        if (given) return;
        given = true;
        dropHeld();
        dropGathered();
        connection.over();
    }
}
