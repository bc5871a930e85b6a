package heddle.forward.internal;

import heddle.api.plan.Failure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client's HTTP/2 connection: each request is an {@link Http2Turn} of its own. Frames, HPACK and flow control are Netty's; what a
 *  connection may cost is bounded by {@link Settings.Http2Limits}. Its event loop only. */
final class Http2Server extends Http2ConnectionHandler implements ClientConnection.Speaker {
    private static final long DRAIN_PING = 0x6865_6464_6c65L;
    private static final int SPARE = 32;

    final ClientConnection connection;
    final Loop loop;
    final Settings settings;
    private final Http2Connection.PropertyKey key;
    private final ArrayDeque<ReceivedRequest> spare = new ArrayDeque<>();
    private final List<Http2Turn> touched = new ArrayList<>();
    private final Watch watch = new Watch();
    private final Runnable flushTask = this::flushNow;
    private @Nullable ChannelHandlerContext ctx;
    private boolean reading;
    private boolean flushScheduled;
    private boolean draining;
    private boolean lastTold;
    private boolean ending;
    /** Streams that we have reset last: the client may not know it yet. */
    private final int[] resets = new int[256];
    private int resetAt;
    private long quietSince = System.nanoTime();

    private Http2Server(ClientConnection connection, Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings initial) {
        super(decoder, encoder, initial, true);
        this.connection = connection;
        this.loop = connection.loop;
        this.settings = loop.settings();
        this.key = connection().newKey();
        connection().addListener(new Http2ConnectionAdapter() {
            @Override public void onStreamClosed(Http2Stream stream) {
                closed(stream);
            }
        });
    }

    static Http2Server on(ClientConnection connection) {
        return new Builder(connection).build();
    }

    private static final class Builder extends AbstractHttp2ConnectionHandlerBuilder<Http2Server, Builder> {
        private final ClientConnection connection;
        private final Http2Frames frames;

        Builder(ClientConnection connection) {
            this.connection = connection;
            Settings settings = connection.loop.settings();
            Settings.Http2Limits limits = settings.http2();
            frames = new Http2Frames(limits.maxControlFrames());
            server(true);
            validateHeaders(true);
            frameListener(frames);
            initialSettings(new Http2Settings().maxConcurrentStreams(limits.maxStreams()).initialWindowSize(limits.window())
                    .maxHeaderListSize(settings.maxHeaderBytes()));
            decoderEnforceMaxRstFramesPerWindow(limits.maxResets(), 1);
            encoderEnforceMaxRstFramesPerWindow(limits.maxResets(), 1);
            decoupleCloseAndGoAway(true);
            gracefulShutdownTimeoutMillis(0);
        }

        @Override public Http2Server build() {
            return super.build();
        }

        @Override protected Http2Server build(Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings initial) {
            Http2Server server = new Http2Server(connection, decoder, encoder, initial);
            frames.user = server.new Received();
            return server;
        }
    }

    @Override public void handlerAdded(ChannelHandlerContext context) throws Exception {
        ctx = context;
        super.handlerAdded(context);
        int window = settings.http2().window();
        connection().local().flowController().incrementWindowSize(connection().connectionStream(), Http2Frames.connectionWindow(window) - 65535);
        loop.counters.http2Connections++;
        loop.slowDeadlines.set(watch, System.nanoTime() + 1_000_000_000L);
        if (loop.draining()) drain();
    }

    ChannelHandlerContext context() {
        ChannelHandlerContext now = ctx;
        if (now == null) throw new IllegalStateException("not in a pipeline");
        return now;
    }

    // what comes

    private final class Received implements Http2Frames.User {
        @Override public void headers(int id, Http2Headers headers, boolean end) throws Http2Exception {
            Http2Stream stream = connection().stream(id);
            if (stream == null) return;
            Http2Turn turn = stream.getProperty(key);
            if (turn != null) turn.trailers(headers, end);
            else begin(stream, headers, end);
        }

        @Override public int data(int id, ByteBuf data, int padding, boolean end) {
            Http2Stream stream = connection().stream(id);
            Http2Turn turn = stream == null ? null : stream.getProperty(key);
            return turn == null ? data.readableBytes() + padding : turn.data(data, padding, end);
        }

        @Override public void pingAck(long data) {
            if (data == DRAIN_PING) tellLast();
        }
    }

    private void begin(Http2Stream stream, Http2Headers headers, boolean end) {
        ReceivedRequest known = spare.pollFirst();
        ReceivedRequest request = known == null ? new ReceivedRequest() : known;
        Failure failure = Http2Requests.read(headers, end, request, connection.client, settings.maxHeaders());
        if (failure == Http2Requests.MALFORMED) {
            loop.counters.refused++;
            reset(stream.id(), Http2Error.PROTOCOL_ERROR.code());
            return;
        }
        Http2Turn turn = new Http2Turn(this, stream, request, end);
        stream.setProperty(key, turn);
        if (failure != null) {
            loop.counters.refused++;
            turn.refuse(failure);
            return;
        }
        turn.exchange.start();
    }

    @Override protected void handleServerHeaderDecodeSizeError(ChannelHandlerContext context, Http2Stream stream) {
        loop.counters.refused++;
        super.handleServerHeaderDecodeSizeError(context, stream);
    }

    @Override protected void onConnectionError(ChannelHandlerContext context, boolean outbound, Throwable cause, @Nullable Http2Exception known) {
        loop.counters.http2Errors++;
        if (known != null && known.error() == Http2Error.ENHANCE_YOUR_CALM) loop.counters.http2Floods++;
        super.onConnectionError(context, outbound, cause, known);
    }

    /** What arrives for a stream that we have reset was on its way and is ignored; for one that both sides have ended (or that the client
     *  skipped) it ends the connection: RFC 9113 §5.1. */
    @Override protected void onStreamError(ChannelHandlerContext context, boolean outbound, Throwable cause, Http2Exception.StreamException known) {
        if (known.error() == Http2Error.STREAM_CLOSED && !outbound && connection().stream(known.streamId()) == null) {
            if (recentlyReset(known.streamId())) return;
            onConnectionError(context, false, cause, Http2Exception.connectionError(Http2Error.STREAM_CLOSED, "a frame on a closed stream"));
            return;
        }
        loop.counters.http2Errors++;
        noteReset(known.streamId());
        super.onStreamError(context, outbound, cause, known);
    }

    private void noteReset(int id) {
        resets[resetAt++ & resets.length - 1] = id;
    }

    private boolean recentlyReset(int id) {
        for (int reset : resets) if (reset == id) return true;
        return false;
    }

    @Override public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        reading = true;
        super.channelRead(context, message);
    }

    @Override public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        for (int i = 0; i < touched.size(); i++) touched.get(i).flushRequest();
        touched.clear();
        reading = false;
        super.channelReadComplete(context);
    }

    private void closed(Http2Stream stream) {
        Http2Turn turn = stream.getProperty(key);
        if (turn != null) turn.closed();
        if (connection().numActiveStreams() > 0) return;
        quietSince = System.nanoTime();
        if (lastTold) loop.executor.execute(this::end);
    }

    // what goes out

    boolean reading() {
        return reading;
    }

    void touch(Http2Turn turn) {
        touched.add(turn);
    }

    /** Everything that becomes ready in one pass of the event loop leaves in one write. */
    void flushSoon() {
        if (flushScheduled || reading) return;
        flushScheduled = true;
        loop.executor.execute(flushTask);
    }

    private void flushNow() {
        flushScheduled = false;
        if (connection.channel.isOpen()) flush(context());
    }

    /** Lets a turn go on that waited for room; not at once, because writes complete in the middle of Netty's own work. */
    void resume(Http2Turn turn) {
        loop.executor.execute(turn::writableAgain);
    }

    void reset(int id, long code) {
        loop.counters.http2Resets++;
        noteReset(id);
        resetStream(context(), id, code, context().newPromise());
        flushSoon();
    }

    /** The stream's side of the request is over: its head may be used again. */
    void giveBack(ReceivedRequest request) {
        if (spare.size() < SPARE) spare.addFirst(request);
    }

    // its end

    /** Asks the client to go elsewhere: a first GOAWAY that still lets everything in, and after a round trip the one that names the last
     *  request served (RFC 9113 §6.8). */
    @Override public void drain() {
        if (draining || ctx == null) return;
        draining = true;
        goAway(context(), Integer.MAX_VALUE, Http2Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER, context().newPromise());
        encoder().writePing(context(), false, DRAIN_PING, context().newPromise());
        flushSoon();
        loop.slowDeadlines.set(watch, System.nanoTime() + 1_000_000_000L);
    }

    private void tellLast() {
        if (lastTold || !draining) return;
        lastTold = true;
        goAway(context(), connection().remote().lastStreamCreated(), Http2Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER, context().newPromise());
        flushSoon();
        if (connection().numActiveStreams() == 0) loop.executor.execute(this::end);
    }

    private void end() {
        if (ending || connection().numActiveStreams() > 0) return;
        ending = true;
        flush(context());
        context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> ((DuplexChannel) connection.channel).shutdownOutput());
        loop.slowDeadlines.set(watch, System.nanoTime() + 1_000_000_000L);
    }

    @Override public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof ChannelInputShutdownEvent) context.close();
        else super.userEventTriggered(context, event);
    }

    @Override public void exceptionCaught(ChannelHandlerContext context, Throwable cause) throws Exception {
        if (Http2Exception.class.isInstance(cause) || cause.getCause() instanceof Http2Exception) {
            super.exceptionCaught(context, cause);
            return;
        }
        if (!(cause instanceof java.io.IOException)) Faults.note("HTTP/2 connection", cause);
        context.close();
    }

    @Override public void channelInactive(ChannelHandlerContext context) throws Exception {
        loop.slowDeadlines.clear(watch);
        super.channelInactive(context);
    }

    private final class Watch extends Deadlines.Entry {
        @Override void expired(long now) {
            if (!connection.channel.isOpen()) return;
            if (ending) {
                connection.channel.close();
                return;
            }
            if (draining) tellLast();
            if (connection().numActiveStreams() == 0) {
                if (settings.idleNanos() > 0 && now - quietSince - settings.idleNanos() >= 0) drain();
            } else if (settings.bodyNanos() > 0) {
                lookForSlowBodies(now);
            }
            loop.slowDeadlines.set(this, now + 2_000_000_000L);
        }
    }

    private void lookForSlowBodies(long now) {
        List<Http2Turn> slow = new ArrayList<>();
        try {
            connection().forEachActiveStream(stream -> {
                Http2Turn turn = stream.getProperty(key);
                if (turn != null && turn.slow(now)) slow.add(turn);
                return true;
            });
        } catch (Http2Exception e) {
            Faults.note("HTTP/2 connection", e);
        }
        for (Http2Turn turn : slow) turn.tooSlow();
    }
}
