package heddle.forward.internal;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/** Keeps what a client sends while its relay has no other end yet. Reading is off, but a client that closes its side is read all the
 *  same, because epoll tells of the end. Its event loop only. */
final class HeldBytes extends ChannelInboundHandlerAdapter {
    private final ClientConnection connection;
    private final Inbox in;

    private HeldBytes(ClientConnection connection, @Nullable ByteBuf ahead) {
        this.connection = connection;
        this.in = new Inbox(connection.channel);
        if (ahead != null) in.add(ahead);
    }

    /** @param ahead what has come already; given away */
    static HeldBytes of(ClientConnection connection, @Nullable ByteBuf ahead) {
        HeldBytes held = new HeldBytes(connection, ahead);
        connection.channel.pipeline().addLast(held);
        return held;
    }

    /** Makes room for the relay; what has come goes with it. */
    @Nullable ByteBuf take() {
        if (connection.channel.pipeline().context(this) != null) connection.channel.pipeline().remove(this);
        return in.take();
    }

    @Override public void channelRead(ChannelHandlerContext ctx, Object message) {
        in.add((ByteBuf) message);
    }

    @Override public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    @Override public void channelInactive(ChannelHandlerContext ctx) {
        in.release();
    }
}
