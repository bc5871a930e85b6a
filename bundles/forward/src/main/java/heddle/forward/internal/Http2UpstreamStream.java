package heddle.forward.internal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One exchange on an HTTP/2 connection to an endpoint. What of the response is not wanted yet is held here and keeps the endpoint's
 *  window shut. Event loop only. */
final class Http2UpstreamStream implements UpstreamStream {
    private static final int ROOM = 128 * 1024;
    private static final int COPY = 4096;
    private static final int GATHER = 8192;

    private final Http2Upstream connection;
    private final ReceivedResponse response = new ReceivedResponse();
    private @Nullable Listener listener;
    private @Nullable Http2Stream stream;
    private @Nullable ByteBuf held;
    private boolean heldOurs;
    private @Nullable ByteBuf ahead;
    private @Nullable Fields trailers;
    private boolean wanted = true;
    private boolean requestEnded;
    private boolean responseEnded;
    private boolean headSeen;
    private boolean headRequest;
    private boolean telling;
    private boolean closed;
    private boolean given;
    private int pending;
    private boolean waiting;
    private long code = INTERNAL;

    Http2UpstreamStream(Http2Upstream connection, Listener listener) {
        this.connection = connection;
        this.listener = listener;
    }

    // the request

    @Override public void send(ReceivedRequest request, boolean end) {
        requestEnded = end;
        stream = connection.begin(this, Http2Heads.request(request, connection.secure), end);
        headRequest = request.headRequest;
        if (stream == null) {                                                        // the connection had just ended
            code = REFUSED;
            connection.loop.executor.execute(this::closed);
        } else if (end) {
            connection.flushSoon();
        }
    }

    @Override public void data(ByteBuf source, int length) {
        if (stream == null || closed) {
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
        held = heldOurs ? connection.channel.alloc().directBuffer(GATHER).writeBytes(source, length) : source.readRetainedSlice(length);
    }

    private void push(boolean end) {
        ByteBuf now = held;
        held = null;
        Http2Stream to = stream;
        if (to == null || closed) {
            if (now != null) now.release();
            return;
        }
        if (now == null && !end) return;
        int n = now == null ? 0 : now.readableBytes();
        ChannelHandlerContext ctx = connection.context();
        ChannelFuture written = connection.encoder().writeData(ctx, to.id(), now == null ? Unpooled.EMPTY_BUFFER : now, 0, end, ctx.newPromise());
        if (n > 0) written.addListener(sent -> roomFor(n));
    }

    private void roomFor(int bytes) {
        pending -= bytes;
        if (!waiting || pending >= ROOM / 2) return;
        waiting = false;
        connection.loop.executor.execute(() -> {
            Listener told = listener;
            if (told != null && !closed) told.writableAgain();
        });
    }

    @Override public void end(@Nullable Fields last) {
        Http2Stream to = stream;
        if (requestEnded || to == null || closed) return;
        requestEnded = true;
        if (last == null) {
            push(true);
        } else {
            push(false);
            ChannelHandlerContext ctx = connection.context();
            connection.encoder().writeHeaders(ctx, to.id(), Http2Heads.trailers(last), 0, true, ctx.newPromise());
        }
        connection.flushSoon();
    }

    @Override public void flush() {
        push(false);
        connection.flushSoon();
    }

    @Override public boolean writable() {
        waiting = pending >= ROOM;
        return !waiting;
    }

    @Override public void cancel() {
        listener = null;
        Http2Stream to = stream;
        if (to != null && !closed) {
            ChannelHandlerContext ctx = connection.context();
            connection.resetStream(ctx, to.id(), Http2Error.CANCEL.code(), ctx.newPromise());
            connection.flushSoon();
        }
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
        if (!read(received, end)) {
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
        told.head(response, end);
        if (end) tell();
    }

    private boolean read(Http2Headers received, boolean end) {
        Fields fields = response.fields;
        fields.clear();
        response.reset(0);
        int length = -1;
        for (Map.Entry<CharSequence, CharSequence> field : received) {
            CharSequence name = field.getKey();
            if (name.length() > 0 && name.charAt(0) == ':') {
                if (response.status != 0 || !name.toString().equals(":status")) return false;
                response.status = status(field.getValue());
                if (response.status < 100 || response.status == 101) return false;
                continue;
            }
            int i = Http2Requests.lay(fields, name, field.getValue());
            if (i == Http2Requests.BAD) return false;
            switch (fields.kind(i)) {
                case Known.CONNECTION, Known.KEEP_ALIVE, Known.PROXY_CONNECTION, Known.TRANSFER_ENCODING, Known.UPGRADE -> fields.drop(i);
                case Known.CONTENT_LENGTH -> {
                    if (length >= 0) return false;
                    length = i;
                }
                default -> { }
            }
        }
        if (response.status == 0 || response.status < 200 && end || fields.count() > connection.loop.settings().maxHeaders()) return false;
        response.body = end ? Framing.NONE : Framing.CHUNKED;
        if (length >= 0) {
            long n = Framing.length(fields.bytes, fields.valueStart(length), fields.valueEnd(length));
            if (n == Framing.BAD || end && n > 0 && !headRequest && response.status != 304) return false;
            if (response.status < 200 || response.status == 204) fields.drop(length);
            else if (!end || n == 0) response.body = n;
        }
        return true;
    }

    private static int status(CharSequence text) {
        if (text.length() != 3) return 0;
        int n = 0;
        for (int i = 0; i < 3; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) return 0;
            n = 10 * n + digit;
        }
        return n;
    }

    int received(ByteBuf data, int padding, boolean end) {
        int n = data.readableBytes();
        Listener told = listener;
        if (told == null) return n + padding;
        if (!headSeen) {
            fail();
            return n + padding;
        }
        responseEnded |= end;
        connection.touch(this);
        if (n > 0 && (ahead != null || !wanted || telling)) {
            keep(data, n);
            n = 0;
        } else if (n > 0) {
            told.data(data, n);
        }
        tell();
        return n + padding;
    }

    private void keep(ByteBuf data, int n) {
        ByteBuf now = ahead;
        if (now == null || now.writableBytes() < n) {
            int had = now == null ? 0 : now.readableBytes();
            ByteBuf more = connection.channel.alloc().directBuffer(Math.max(1024, 2 * (had + n)));
            if (now != null) {
                more.writeBytes(now);
                now.release();
            }
            ahead = now = more;
        }
        now.writeBytes(data, data.readerIndex(), n);
    }

    /** Tells what has come, as long as it is wanted. */
    private void tell() {
        if (telling) return;
        telling = true;
        int taken = 0;
        ByteBuf now;
        Listener told;
        while ((told = listener) != null && wanted && (now = ahead) != null) {
            int n = Math.min(16384, now.readableBytes());
            told.data(now, n);
            taken += n;
            if (ahead == now && !now.isReadable()) {
                ahead = null;
                now.release();
            }
        }
        telling = false;
        if (taken > 0) consumed(taken);
        told = listener;
        if (told == null || ahead != null) return;
        if (responseEnded && wanted) {
            listener = null;
            boolean unfinished = !requestEnded;
            giveBack();
            told.ended(trailers);
            told.readComplete();
            if (unfinished && stream != null && !closed) {
                ChannelHandlerContext ctx = connection.context();
                connection.resetStream(ctx, stream.id(), Http2Error.NO_ERROR.code(), ctx.newPromise());
                connection.flushSoon();
            }
        } else if (closed) {
            broken(told);
        }
    }

    private void consumed(int bytes) {
        Http2Stream of = stream;
        if (of == null || closed) return;
        try {
            if (connection.connection().local().flowController().consumeBytes(of, bytes)) connection.flushSoon();
        } catch (Http2Exception e) {
            connection.onError(connection.context(), true, e);
        }
    }

    @Override public void read(boolean now) {
        if (wanted == now) return;
        wanted = now;
        if (!now || telling) return;
        Listener told = listener;
        tell();
        if (told != null && !connection.reading()) told.readComplete();
    }

    void readComplete() {
        Listener told = listener;
        if (told != null) told.readComplete();
    }

    /** The endpoint has reset the stream, or will not look at it. */
    void reset(long why) {
        code = why;
        closed();
    }

    /** The stream has closed, however that came. */
    void closed() {
        if (closed) return;
        closed = true;
        Listener told = listener;
        if (told == null) return;
        if (responseEnded) tell();
        else if (ahead == null) broken(told);
    }

    private void fail() {
        Http2Stream of = stream;
        if (of != null && !closed) {
            ChannelHandlerContext ctx = connection.context();
            connection.resetStream(ctx, of.id(), Http2Error.PROTOCOL_ERROR.code(), ctx.newPromise());
        }
        closed = true;
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
        ByteBuf now = ahead;
        ahead = null;
        if (now != null) now.release();
        if (held != null) held.release();
        held = null;
        connection.over();
    }
}
