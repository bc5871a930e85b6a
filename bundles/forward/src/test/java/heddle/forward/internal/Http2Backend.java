package heddle.forward.internal;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2ChannelDuplexHandler;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** An HTTP/2 backend of single frames whose answers are a script of the test's, run when a request is complete or at its head. */
final class Http2Backend implements AutoCloseable {
    interface Script {
        void serve(Request request) throws Exception;
    }

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel listener;
    final AtomicInteger connections = new AtomicInteger();
    final List<Request> requests = new CopyOnWriteArrayList<>();
    volatile boolean consuming = true;
    volatile boolean atHead;

    Http2Backend(Http2Settings settings, @Nullable SslContext tls, Script script) throws Exception {
        listener = new ServerBootstrap().group(group).channel(NioServerSocketChannel.class).childHandler(new ChannelInitializer<>() {
            @Override protected void initChannel(Channel made) {
                connections.incrementAndGet();
                if (tls != null) made.pipeline().addLast(tls.newHandler(made.alloc()));
                made.pipeline().addLast(Http2FrameCodecBuilder.forServer().initialSettings(settings).build(), new Serving(script));
            }
        }).bind(InetAddress.getByName("127.0.0.1"), 0).sync().channel();
    }

    Http2Backend(Script script) throws Exception {
        this(Http2Settings.defaultSettings(), null, script);
    }

    static Http2Backend answering(String body) throws Exception {
        return new Http2Backend(request -> {
            request.head("200");
            request.data(body, true);
        });
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    final class Request {
        final ChannelHandlerContext ctx;
        final Http2FrameStream stream;
        final Http2Headers headers;
        final StringBuffer body = new StringBuffer();
        final AtomicLong bytes = new AtomicLong();
        volatile Http2Headers trailers;
        volatile boolean ended;
        volatile long reset = -1;

        Request(ChannelHandlerContext ctx, Http2FrameStream stream, Http2Headers headers) {
            this.ctx = ctx;
            this.stream = stream;
            this.headers = headers;
        }

        String header(String name) {
            CharSequence value = headers.get(name);
            return value == null ? "" : value.toString();
        }

        void head(String status, String... more) {
            head(status, false, more);
        }

        void head(String status, boolean end, String... more) {
            Http2Headers answer = new DefaultHttp2Headers().status(status);
            for (int i = 0; i < more.length; i += 2) answer.add(more[i], more[i + 1]);
            ctx.writeAndFlush(new DefaultHttp2HeadersFrame(answer, end).stream(stream));
        }

        void data(String text, boolean end) {
            data(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1), end);
        }

        io.netty.channel.ChannelFuture data(ByteBuf data, boolean end) {
            return ctx.writeAndFlush(new DefaultHttp2DataFrame(data, end).stream(stream));
        }

        void trailers(String... fields) {
            Http2Headers last = new DefaultHttp2Headers();
            for (int i = 0; i < fields.length; i += 2) last.add(fields[i], fields[i + 1]);
            ctx.writeAndFlush(new DefaultHttp2HeadersFrame(last, true).stream(stream));
        }

        void reset(Http2Error code) {
            ctx.writeAndFlush(new DefaultHttp2ResetFrame(code).stream(stream));
        }

        void goAway(int extraStreams) {
            ctx.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR).setExtraStreamIds(extraStreams));
        }

        void consume(int n) {
            ctx.writeAndFlush(new DefaultHttp2WindowUpdateFrame(n).stream(stream));
        }
    }

    private final class Serving extends Http2ChannelDuplexHandler {
        private final Script script;
        private final Map<Http2FrameStream, Request> open = new ConcurrentHashMap<>();

        Serving(Script script) {
            this.script = script;
        }

        @Override public void channelRead(ChannelHandlerContext ctx, Object frame) throws Exception {
            try {
                switch (frame) {
                    case Http2HeadersFrame head -> {
                        Request known = open.get(head.stream());
                        if (known == null) {
                            known = new Request(ctx, head.stream(), head.headers());
                            open.put(head.stream(), known);
                            requests.add(known);
                            if (atHead) script.serve(known);
                        } else {
                            known.trailers = head.headers();
                        }
                        end(known, head.isEndStream());
                    }
                    case Http2DataFrame data -> {
                        Request known = open.get(data.stream());
                        known.bytes.addAndGet(data.content().readableBytes());
                        if (known.body.length() < 1 << 16) known.body.append(data.content().toString(StandardCharsets.ISO_8859_1));
                        if (consuming && data.initialFlowControlledBytes() > 0) known.consume(data.initialFlowControlledBytes());
                        end(known, data.isEndStream());
                    }
                    case Http2ResetFrame reset -> open.get(reset.stream()).reset = reset.errorCode();
                    default -> { }
                }
            } finally {
                ReferenceCountUtil.release(frame);
            }
        }

        private void end(Request request, boolean end) throws Exception {
            if (!end) return;
            request.ended = true;
            if (!atHead) script.serve(request);
        }

        @Override public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {}
    }

    @Override public void close() throws Exception {
        listener.close().sync();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
}
