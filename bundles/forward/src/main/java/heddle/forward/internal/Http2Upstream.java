package heddle.forward.internal;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** An HTTP/2 connection to an endpoint that carries many exchanges at once, each an {@link Http2UpstreamStream}. Its event loop only. */
final class Http2Upstream extends Http2Peer<Http2UpstreamStream> {
    /** Streams of one connection even where the endpoint would take more: beyond, another connection spreads the load. */
    private static final int MAX_STREAMS = 200;

    final boolean secure;
    private final UpstreamPool pool;
    private boolean used;
    private boolean leaving;
    /** The endpoint's first SETTINGS have come; what waits for them. */
    private boolean settled;
    private boolean connectAllowed;
    private final ArrayDeque<Runnable> whenSettled = new ArrayDeque<>(0);
    private int nextId = 1;
    private int open;
    /** When the last stream ended. */
    long idleSince = System.nanoTime();

    private Http2Upstream(Loop loop, UpstreamPool pool, Channel channel, boolean secure, Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings initial) {
        super(loop, channel, decoder, encoder, initial);
        this.pool = pool;
        this.secure = secure;
    }

    static Http2Upstream on(Loop loop, UpstreamPool pool, Channel channel, boolean secure) {
        return new Builder(loop, pool, channel, secure).build();
    }

    private static final class Builder extends AbstractHttp2ConnectionHandlerBuilder<Http2Upstream, Builder> {
        private final Loop loop;
        private final UpstreamPool pool;
        private final Channel channel;
        private final boolean secure;
        private final Http2Frames frames;

        Builder(Loop loop, UpstreamPool pool, Channel channel, boolean secure) {
            this.loop = loop;
            this.pool = pool;
            this.channel = channel;
            this.secure = secure;
            Settings settings = loop.settings();
            frames = new Http2Frames(settings.http2().maxControlFrames());
            server(false);
            validateHeaders(true);
            frameListener(frames);
            initialSettings(new Http2Settings().pushEnabled(false).initialWindowSize(settings.http2().window()).maxHeaderListSize(settings.maxHeaderBytes()));
            decoderEnforceMaxRstFramesPerWindow(0, 0);
            encoderEnforceMaxRstFramesPerWindow(0, 0);
            decoupleCloseAndGoAway(true);
            gracefulShutdownTimeoutMillis(0);
        }

        @Override public Http2Upstream build() {
            return super.build();
        }

        @Override protected Http2Upstream build(Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings initial) {
            Http2Upstream made = new Http2Upstream(loop, pool, channel, secure, decoder, encoder, initial);
            frames.user = made.new Received();
            return made;
        }
    }

    @Override public void handlerAdded(ChannelHandlerContext context) throws Exception {
        super.handlerAdded(context);
        flushSoon();
    }

    /** Whether another exchange fits. */
    boolean room() {
        return !leaving && channel.isActive() && nextId > 0 && open < MAX_STREAMS && open < connection().local().maxActiveStreams();
    }

    boolean idle() {
        return open == 0;
    }

    /** Lends a stream. */
    void lend(UpstreamStream.Listener to) {
        boolean reused = used;
        used = true;
        open++;
        Http2UpstreamStream stream = new Http2UpstreamStream(this, to);
        to.connected(stream, reused);
    }

    /** Whether the endpoint takes an extended CONNECT (RFC 8441 §3). */
    boolean connectAllowed() {
        return connectAllowed;
    }

    /** Runs once it is known what the endpoint can do. */
    void whenSettled(Runnable task) {
        if (settled) task.run();
        else whenSettled.addLast(task);
    }

    /** Opens a stream for a request that goes out now. */
    @Nullable Http2Stream begin(Http2UpstreamStream user, Http2Headers head, boolean end) {
        int id = nextId;
        nextId += 2;
        ChannelHandlerContext now = context();
        encoder().writeHeaders(now, id, head, 0, end, now.newPromise());
        Http2Stream stream = connection().stream(id);
        if (stream != null) keep(stream, user);
        return stream;
    }

    /** A lent stream is over. */
    void over() {
        open--;
        if (open > 0) return;
        idleSince = System.nanoTime();
        if (leaving || !pool.keeps()) loop.executor.execute(this::closeIfIdle);
    }

    private void closeIfIdle() {
        if (open == 0) channel.close();
    }

    /** The endpoint takes no new streams, and has not looked at those after {@code last}; Netty closes these. */
    @Override void goneAway(int last) {
        leaving = true;
        pool.gone(this);
        for (Http2UpstreamStream stream : open()) if (stream.id() > last) stream.reset(UpstreamStream.REFUSED);
        if (open == 0) loop.executor.execute(this::closeIfIdle);
    }

    private final class Received implements Http2Frames.User {
        @Override public void headers(int id, Http2Headers headers, boolean end) {
            Http2UpstreamStream stream = of(id);
            if (stream != null) stream.headers(headers, end);
        }

        @Override public int data(int id, ByteBuf data, int padding, boolean end) {
            Http2UpstreamStream stream = of(id);
            return stream == null ? data.readableBytes() + padding : stream.received(data, padding, end);
        }

        @Override public void reset(int id, long code) {
            Http2UpstreamStream stream = of(id);
            if (stream != null) stream.reset(code);
        }

        @Override public void settings(Http2Settings settings) {
            Boolean allowed = settings.connectProtocolEnabled();
            if (allowed != null) connectAllowed = allowed;
            settled = true;
            Runnable next;
            while ((next = whenSettled.pollFirst()) != null) next.run();
        }
    }

    @Override protected void onConnectionError(ChannelHandlerContext context, boolean outbound, Throwable cause, @Nullable Http2Exception known) {
        leaving = true;
        pool.gone(this);
        super.onConnectionError(context, outbound, cause, known);
    }

    @Override public void channelInactive(ChannelHandlerContext context) throws Exception {
        leaving = true;
        pool.gone(this);
        super.channelInactive(context);
        Runnable next;
        while ((next = whenSettled.pollFirst()) != null) next.run();
        tellTouched();
    }
}
