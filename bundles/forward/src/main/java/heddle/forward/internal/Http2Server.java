package heddle.forward.internal;

import heddle.api.plan.Failure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A client's HTTP/2 connection: each request is an {@link Http2Turn} of its own. Frames, HPACK and flow control are Netty's; what a
 *  connection may cost is bounded by {@link Settings.Http2Limits}. Its event loop only. */
final class Http2Server extends Http2Peer<Http2Turn> implements ClientConnection.Speaker {
    private static final long DRAIN_PING = 0x6865_6464_6c65L;
    private static final int SPARE = 32;

    final ClientConnection connection;
    final Settings settings;
    private final ArrayDeque<ReceivedRequest> spare = new ArrayDeque<>();
    private final OpenHeaders headers = new OpenHeaders();
    private final Watch watch = new Watch();
    private boolean draining;
    private boolean lastTold;
    private boolean ending;
    /** Streams that we have reset last: the client may not know it yet. */
    private final int[] resets = new int[256];
    private int resetAt;
    private long quietSince = System.nanoTime();

    private Http2Server(ClientConnection connection, Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings initial) {
        super(connection.loop, connection.channel, decoder, encoder, initial);
        this.connection = connection;
        this.settings = loop.settings();
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
                    .maxHeaderListSize(settings.maxHeaderBytes()).connectProtocolEnabled(true));
            decoderEnforceMaxRstFramesPerWindow(limits.maxResets(), 1);
            encoderEnforceMaxRstFramesPerWindow(limits.maxResets(), 1);
            decoderEnforceMaxConsecutiveEmptyDataFrames(limits.maxEmptyData());
            decoderEnforceMaxSmallContinuationFrames(limits.maxContinuations());
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
        super.handlerAdded(context);
        connection().remote().maxActiveStreams(settings.http2().maxStreams());         // Netty waits for the client to acknowledge it
        loop.counters.http2Connections++;
        loop.slowDeadlines.set(watch, System.nanoTime() + 1_000_000_000L);
        if (loop.draining()) drain();
    }

    // what comes

    private final class Received implements Http2Frames.User {
        @Override public void headers(int id, Http2Headers headers, boolean end) throws Http2Exception {
            Http2Turn turn = of(id);
            if (turn != null) {
                turn.trailers(headers, end);
                return;
            }
            Http2Stream stream = connection().stream(id);
            if (stream != null) begin(stream, headers, end);
        }

        @Override public int data(int id, ByteBuf data, int padding, boolean end) {
            Http2Turn turn = of(id);
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
        keep(stream, turn);
        if (failure != null) {
            loop.counters.refused(failure);
            turn.refuse(failure);
            return;
        }
        turn.exchange.start();
    }

    @Override protected void handleServerHeaderDecodeSizeError(ChannelHandlerContext context, Http2Stream stream) {
        loop.counters.refused++;
        loop.counters.headersTooLarge++;
        super.handleServerHeaderDecodeSizeError(context, stream);
    }

    @Override protected void onConnectionError(ChannelHandlerContext context, boolean outbound, Throwable cause, @Nullable Http2Exception known) {
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
        if (known.error() == Http2Error.PROTOCOL_ERROR && !outbound && afterItsEnd(known.streamId())) {      // Netty judges what is in it first
            loop.counters.http2Errors++;
            reset(known.streamId(), Http2Error.STREAM_CLOSED.code());
            return;
        }
        noteReset(known.streamId());
        if (known.error() == Http2Error.REFUSED_STREAM) loop.counters.http2StreamsRefused++;
        super.onStreamError(context, outbound, cause, known);
    }

    private boolean afterItsEnd(int id) {
        Http2Stream stream = connection().stream(id);
        return stream != null && of(id) != null && stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE;
    }

    private void noteReset(int id) {
        resets[resetAt++ & resets.length - 1] = id;
    }

    private boolean recentlyReset(int id) {
        for (int reset : resets) if (reset == id) return true;
        return false;
    }

    @Override public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (message instanceof ByteBuf bytes) headers.see(bytes);
        super.channelRead(context, message);
    }

    @Override void streamClosed() {
        if (connection().numActiveStreams() > 0) return;
        quietSince = System.nanoTime();
        if (lastTold) loop.executor.execute(this::end);
    }

    // what goes out

    @Override void reset(int id, long code) {
        loop.counters.http2Resets++;
        noteReset(id);
        super.reset(id, code);
    }

    /** The stream's side of the request is over: its head may be used again. */
    void giveBack(ReceivedRequest request) {
        if (spare.size() < SPARE) spare.addFirst(request);
    }

    // its end

    /** Asks the client to go elsewhere: a first GOAWAY that still lets everything in, and after a round trip the one that names the last
     *  request served (RFC 9113 §6.8). */
    @Override public void drain() {
        if (draining || !added()) return;
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
        context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> ((DuplexChannel) channel).shutdownOutput());
        loop.slowDeadlines.set(watch, System.nanoTime() + 1_000_000_000L);
    }

    @Override public boolean owes() {
        List<Http2Turn> open = open();
        return open.isEmpty() || open.stream().anyMatch(turn -> !turn.exchange.response.headSent());
    }

    @Override public void exchanges(Consumer<HttpExchange> visit) {
        for (Http2Turn turn : open()) visit.accept(turn.exchange);
    }

    @Override public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof ChannelInputShutdownEvent) context.close();
        else super.userEventTriggered(context, event);
    }

    @Override public void channelInactive(ChannelHandlerContext context) throws Exception {
        loop.slowDeadlines.clear(watch);
        super.channelInactive(context);
    }

    private final class Watch extends Deadlines.Entry {
        @Override void expired(long now) {
            if (!channel.isOpen()) return;
            if (ending) {
                channel.close();
                return;
            }
            if (headers.longerThan(settings.headerNanos(), now)) {
                loop.counters.slowClients++;
                onError(context(), false, Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "a header block did not come in time"));
                return;
            }
            if (draining) tellLast();
            if (connection().numActiveStreams() == 0) {
                if (settings.idleNanos() > 0 && now - quietSince - settings.idleNanos() >= 0) drain();
            } else if (settings.bodyNanos() > 0) {
                for (Http2Turn turn : open()) if (turn.slow(now)) turn.tooSlow();
            }
            loop.slowDeadlines.set(this, now + 2_000_000_000L);
        }
    }
}
