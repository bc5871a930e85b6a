package heddle.forward.internal;

import static java.lang.System.Logger.Level.WARNING;

import heddle.api.plan.MeshView;
import heddle.api.steer.Place;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Accepts at one place, on one loop, and deals the connections out to all loops in turn: kept connections would else pile up where
 *  they happened to be accepted. */
final class Acceptor extends ChannelInboundHandlerAdapter {
    private static final System.Logger LOG = System.getLogger("heddle.forward");
    private static final AtomicInteger TURN = new AtomicInteger();

    private final Place place;
    private final MeshView view;
    private final List<Loop> loops;
    private final Loop home;
    private final EpollServerSocketChannel channel;
    private int next;

    Acceptor(Place place, MeshView view, List<Loop> loops) {
        this.place = place;
        this.view = view;
        this.loops = loops;
        int turn = Math.floorMod(TURN.getAndIncrement(), loops.size());
        home = loops.get(turn);
        next = turn;
        channel = new EpollServerSocketChannel(place.listener());
    }

    void open() {
        channel.config().setOption(io.netty.channel.ChannelOption.MAX_MESSAGES_PER_READ, 64);
        channel.pipeline().addLast(this);
        home.executor.register(channel).syncUninterruptibly();
    }

    /** Returns when the listener has been let go. */
    void close() {
        var closing = channel.close();
        if (!home.executor.inEventLoop()) closing.awaitUninterruptibly(5, TimeUnit.SECONDS);
    }

    @Override public void channelRead(ChannelHandlerContext ctx, Object message) {
        EpollSocketChannel accepted = (EpollSocketChannel) message;
        Loop loop = loops.get(next);
        next = next + 1 == loops.size() ? 0 : next + 1;
        if (loop == home) ClientConnection.accept(loop, accepted, place, view);
        else loop.executor.execute(() -> ClientConnection.accept(loop, accepted, place, view));
    }

    /** Out of descriptors: a short pause, so that the loop does not spin on accept. */
    @Override public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.log(WARNING, "accept at " + place.id() + " failed: " + cause.getMessage());
        ctx.channel().config().setAutoRead(false);
        ctx.executor().schedule(() -> ctx.channel().config().setAutoRead(true), 200, TimeUnit.MILLISECONDS);
    }
}
