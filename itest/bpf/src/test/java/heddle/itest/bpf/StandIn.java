package heddle.itest.bpf;

import heddle.api.steer.Accepted;
import heddle.api.steer.Origin;
import heddle.api.steer.Place;
import heddle.api.steer.PlaceObserver;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** In place of the forwarder: adopts every place's listener, compares the kernel's record with the client's claim, answers Y, N or 0. */
final class StandIn implements PlaceObserver, AutoCloseable {
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    final Map<String, Channel> listeners = new ConcurrentHashMap<>();
    final Map<String, Place> places = new ConcurrentHashMap<>();
    final Map<Integer, LongAdder> byWorkload = new ConcurrentHashMap<>();
    final LongAdder right = new LongAdder();
    final LongAdder wrong = new LongAdder();
    final LongAdder absent = new LongAdder();
    volatile String lastSource = "";

    @Override public void opened(Place place) {
        places.put(place.id(), place);
        Channel channel = new EpollServerSocketChannel(place.listener());
        new ServerBootstrap().group(loops).channelFactory(() -> (EpollServerSocketChannel) channel)
                .childHandler(new ChannelInitializer<EpollSocketChannel>() {
                    @Override protected void initChannel(EpollSocketChannel accepted) {
                        accepted.pipeline().addLast(new Judge(place));
                    }
                }).register().syncUninterruptibly();
        listeners.put(place.id(), channel);
    }

    @Override public void closed(Place place) {
        places.remove(place.id());
        Channel channel = listeners.remove(place.id());
        if (channel != null) channel.close().syncUninterruptibly();
    }

    @Override public void close() {
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class Judge extends SimpleChannelInboundHandler<ByteBuf> {
        private static final int CLAIM = 64;
        private final Place place;
        private final ByteBuf claim = Unpooled.buffer(CLAIM);

        Judge(Place place) {
            this.place = place;
        }

        @Override protected void channelRead0(ChannelHandlerContext ctx, ByteBuf message) {
            claim.writeBytes(message);
            if (claim.readableBytes() < CLAIM) return;
            char verdict = judge((EpollSocketChannel) ctx.channel());
            (verdict == 'Y' ? right : verdict == 'N' ? wrong : absent).increment();
            ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {(byte) verdict})).addListener(ChannelFutureListener.CLOSE);
        }

        private char judge(EpollSocketChannel channel) {
            byte[] record = new byte[64];
            Origin origin = place.origin(new Accepted() {
                @Override public InetSocketAddress local() {
                    return channel.localAddress();
                }

                @Override public InetSocketAddress remote() {
                    return channel.remoteAddress();
                }

                @Override public boolean socketOption(int level, int option, byte[] value) {
                    try {
                        ByteBuffer answer = channel.config().getOption(new RawUnixChannelOption("ORIGIN", level, option, value.length));
                        if (answer == null) return false;
                        answer.get(value);
                        System.arraycopy(value, 0, record, 0, 64);
                        return true;
                    } catch (RuntimeException refused) {
                        return false;
                    }
                }
            });
            if (origin == Origin.NONE) return '0';
            lastSource = origin.source().getAddress().getHostAddress();
            ByteBuffer claimed = claim.nioBuffer().order(ByteOrder.nativeOrder());
            ByteBuffer seen = ByteBuffer.wrap(record).order(ByteOrder.nativeOrder());
            byte[] claimedAddress = new byte[18];
            claimed.get(0, claimedAddress);
            byte[] seenAddress = new byte[18];
            seen.get(0, seenAddress);
            int workload = claimed.getInt(40);
            byWorkload.computeIfAbsent(origin.workload(), id -> new LongAdder()).increment();
            boolean same = java.util.Arrays.equals(claimedAddress, seenAddress)
                    && (claimed.getLong(24) == 0 || claimed.getLong(24) == seen.getLong(24)) && claimed.getLong(32) == seen.getLong(40) && workload == origin.workload();
            return same ? 'Y' : 'N';
        }

        @Override public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }

        @Override public void handlerRemoved(ChannelHandlerContext ctx) {
            claim.release();
        }
    }
}
