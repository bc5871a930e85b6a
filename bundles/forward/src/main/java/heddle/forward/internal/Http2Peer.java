package heddle.forward.internal;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One HTTP/2 connection, on either side: which stream belongs to which exchange, and when what was written goes out. Frames, HPACK and
 *  flow control are Netty's. Its event loop only.
 *  @param <S> what the connection keeps for each stream */
abstract class Http2Peer<S extends Http2Body> extends Http2ConnectionHandler {
    final Loop loop;
    final Channel channel;
    private final Http2Connection.PropertyKey key;
    private final List<S> touched = new ArrayList<>();
    private final Runnable flushTask = this::flushNow;
    private @Nullable ChannelHandlerContext ctx;
    private boolean reading;
    private boolean flushScheduled;

    Http2Peer(Loop loop, Channel channel, Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings initial) {
        super(decoder, encoder, initial, true);
        this.loop = loop;
        this.channel = channel;
        this.key = connection().newKey();
        connection().addListener(new Http2ConnectionAdapter() {
            @Override public void onStreamClosed(Http2Stream stream) {
                S ours = stream.getProperty(key);
                if (ours != null) ours.closed();
                streamClosed();
            }

            @Override public void onGoAwayReceived(int last, long code, ByteBuf data) {
                goneAway(last);
            }
        });
    }

    @Override public void handlerAdded(ChannelHandlerContext context) throws Exception {
        ctx = context;
        super.handlerAdded(context);
        // enough that stalled streams do not stop the others
        int window = (int) Math.clamp(loop.settings().http2().window() * 64L, 1 << 20, 1 << 26);
        connection().local().flowController().incrementWindowSize(connection().connectionStream(), window - 65535);
    }

    ChannelHandlerContext context() {
        ChannelHandlerContext now = ctx;
        if (now == null) throw new IllegalStateException("not in a pipeline");
        return now;
    }

    boolean added() {
        return ctx != null;
    }

    /** A stream is gone; what it belonged to has been told. */
    void streamClosed() {}

    /** The other side takes no streams beyond this one. */
    void goneAway(int last) {}

    // streams

    @Nullable S of(int id) {
        Http2Stream stream = connection().stream(id);
        return stream == null ? null : stream.getProperty(key);
    }

    void keep(Http2Stream stream, S ours) {
        stream.setProperty(key, ours);
    }

    /** Those that are open now. */
    List<S> open() {
        List<S> all = new ArrayList<>();
        try {
            connection().forEachActiveStream(stream -> {
                S ours = stream.getProperty(key);
                if (ours != null) all.add(ours);
                return true;
            });
        } catch (Http2Exception e) {
            Faults.note("HTTP/2 connection", e);
        }
        return all;
    }

    /** Data of a stream was taken: its window is given back. */
    void consumed(Http2Stream stream, int bytes) {
        try {
            if (connection().local().flowController().consumeBytes(stream, bytes)) flushSoon();
        } catch (Http2Exception e) {
            onError(context(), true, e);
        }
    }

    void reset(int id, long code) {
        resetStream(context(), id, code, context().newPromise());
        flushSoon();
    }

    // reading and writing

    boolean reading() {
        return reading;
    }

    /** Something came for the stream in this read; at the read's end it hears so. */
    void touch(S stream) {
        touched.add(stream);
    }

    @Override public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        reading = true;
        super.channelRead(context, message);
    }

    @Override public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        tellTouched();
        reading = false;
        super.channelReadComplete(context);
    }

    void tellTouched() {
        for (int i = 0; i < touched.size(); i++) touched.get(i).readDone();
        touched.clear();
    }

    /** Everything that becomes ready in one pass of the event loop leaves in one write. */
    void flushSoon() {
        if (flushScheduled || reading) return;
        flushScheduled = true;
        loop.executor.execute(flushTask);
    }

    private void flushNow() {
        flushScheduled = false;
        if (channel.isOpen()) flush(context());
    }

    // faults

    @Override protected void onConnectionError(ChannelHandlerContext context, boolean outbound, Throwable cause, @Nullable Http2Exception known) {
        loop.counters.http2Errors++;
        super.onConnectionError(context, outbound, cause, known);
    }

    @Override protected void onStreamError(ChannelHandlerContext context, boolean outbound, Throwable cause, Http2Exception.StreamException known) {
        loop.counters.http2Errors++;
        super.onStreamError(context, outbound, cause, known);
    }

    @Override public void exceptionCaught(ChannelHandlerContext context, Throwable cause) throws Exception {
        if (cause instanceof Http2Exception || cause.getCause() instanceof Http2Exception) {
            super.exceptionCaught(context, cause);
            return;
        }
        if (!(cause instanceof java.io.IOException)) Faults.note("HTTP/2 connection", cause);
        context.close();
    }
}
