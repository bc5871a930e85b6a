package heddle.forward.internal;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** An HTTP/2 client of single frames, on real sockets. */
final class Http2Client implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Map<Http2FrameStream, Call> calls = new ConcurrentHashMap<>();
    private final Receiver receiver = new Receiver();
    final Channel channel;
    volatile long goAway = -1;
    volatile int goAways;
    volatile Http2Settings settings;

    Http2Client(InetSocketAddress to) throws Exception {
        this(to, Http2Settings.defaultSettings());
    }

    Http2Client(InetSocketAddress to, Http2Settings settings) throws Exception {
        Http2FrameCodec codec = Http2FrameCodecBuilder.forClient().validateHeaders(false).initialSettings(settings).encoderIgnoreMaxHeaderListSize(true).build();
        channel = new Bootstrap().group(group).channel(NioSocketChannel.class).handler(new ChannelInitializer<>() {
            @Override protected void initChannel(Channel made) {
                made.pipeline().addLast(codec, receiver);
            }
        }).connect(to).sync().channel();
    }

    static Http2Headers head(String method, String path, String... more) {
        Http2Headers headers = new DefaultHttp2Headers(false).method(method).scheme("http").authority("front.shop:80").path(path);
        for (int i = 0; i < more.length; i += 2) headers.add(more[i], more[i + 1]);
        return headers;
    }

    Call open(Http2Headers headers, boolean end) throws Exception {
        return open(headers, end, true);
    }

    /** @param consuming gives the window back for what comes */
    Call open(Http2Headers headers, boolean end, boolean consuming) throws Exception {
        Call call = new Call(receiver.newStream(), consuming);
        calls.put(call.stream, call);
        channel.writeAndFlush(new DefaultHttp2HeadersFrame(headers, end).stream(call.stream)).sync();
        return call;
    }

    Call get(String path, String... more) throws Exception {
        return open(head("GET", path, more), true);
    }

    final class Call {
        final Http2FrameStream stream;
        final AtomicLong bytes = new AtomicLong();
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private final boolean consuming;
        volatile Http2Headers headers;
        volatile Http2Headers trailers;
        volatile boolean ended;
        volatile long reset = -1;
        volatile int informational;

        Call(Http2FrameStream stream, boolean consuming) {
            this.stream = stream;
            this.consuming = consuming;
        }

        void data(String text, boolean end) throws Exception {
            data(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1), end).sync();
        }

        io.netty.channel.ChannelFuture data(ByteBuf data, boolean end) {
            return channel.writeAndFlush(new DefaultHttp2DataFrame(data, end).stream(stream));
        }

        void trailers(Http2Headers fields) throws Exception {
            channel.writeAndFlush(new DefaultHttp2HeadersFrame(fields, true).stream(stream)).sync();
        }

        void cancel(Http2Error code) throws Exception {
            channel.writeAndFlush(new DefaultHttp2ResetFrame(code).stream(stream)).sync();
        }

        void consume(int n) {
            channel.writeAndFlush(new DefaultHttp2WindowUpdateFrame(n).stream(stream));
        }

        Call awaitHead() throws Exception {
            Rig.await(() -> headers != null || reset >= 0 || !channel.isOpen());
            return this;
        }

        Call await() throws Exception {
            Rig.await(() -> ended || reset >= 0 || !channel.isOpen());
            return this;
        }

        String status() {
            return headers == null ? "none" : headers.status().toString();
        }

        String header(String name) {
            CharSequence value = headers.get(name);
            return value == null ? "" : value.toString();
        }

        synchronized String body() {
            return body.toString(StandardCharsets.ISO_8859_1);
        }
    }

    private final class Receiver extends io.netty.handler.codec.http2.Http2ChannelDuplexHandler {
        @Override public void channelRead(ChannelHandlerContext ctx, Object frame) {
            try {
                switch (frame) {
                    case Http2HeadersFrame head -> {
                        Call call = calls.get(head.stream());
                        if (head.headers().status() != null && head.headers().status().charAt(0) == '1') call.informational = Integer.parseInt(head.headers().status().toString());
                        else if (call.headers == null) call.headers = head.headers();
                        else call.trailers = head.headers();
                        call.ended |= head.isEndStream();
                    }
                    case Http2DataFrame data -> {
                        Call call = calls.get(data.stream());
                        int n = data.content().readableBytes();
                        synchronized (call) {
                            if (call.body.size() < 1 << 20) {
                                byte[] bytes = new byte[n];
                                data.content().getBytes(data.content().readerIndex(), bytes);
                                call.body.writeBytes(bytes);
                            }
                        }
                        call.bytes.addAndGet(n);
                        if (call.consuming && data.initialFlowControlledBytes() > 0) call.consume(data.initialFlowControlledBytes());
                        call.ended |= data.isEndStream();
                    }
                    case Http2ResetFrame reset -> calls.get(reset.stream()).reset = reset.errorCode();
                    case Http2SettingsFrame received -> settings = received.settings();
                    case Http2GoAwayFrame away -> {
                        goAway = away.errorCode();
                        goAways++;
                    }
                    default -> { }
                }
            } finally {
                ReferenceCountUtil.release(frame);
            }
        }

        @Override public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {}
    }

    @Override public void close() throws Exception {
        channel.close().sync();
        group.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS).sync();
    }
}
