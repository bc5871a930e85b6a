package heddle.forward.internal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannelConfig;
import org.jspecify.annotations.Nullable;

/** Bytes between two connections, untouched: half-closes are kept, a reset on one side resets the other, and a side is read only while
 *  the other has room. One event loop. */
final class Relay extends ChannelInboundHandlerAdapter {
    private final Channel peer;
    private @Nullable Relay other;
    private boolean finished;
    private boolean failed;

    private Relay(Channel peer) {
        this.peer = peer;
    }

    /** @param ahead   what the client has sent already, {@code behind}: what the endpoint has
     *  @param endpoint its channel, connected, on the same loop */
    static void join(ClientConnection client, Channel endpoint, @Nullable ByteBuf ahead, @Nullable ByteBuf behind) {
        Relay upward = new Relay(endpoint);
        Relay downward = new Relay(client.channel);
        upward.other = downward;
        downward.other = upward;
        ((SocketChannelConfig) endpoint.config()).setAllowHalfClosure(true);
        client.channel.pipeline().addLast(upward);
        endpoint.pipeline().addLast(downward);
        client.speaker(() -> { });
        if (ahead != null) endpoint.writeAndFlush(ahead, endpoint.voidPromise());
        if (behind != null) client.channel.writeAndFlush(behind, client.channel.voidPromise());
        client.channel.config().setAutoRead(endpoint.isWritable());
        endpoint.config().setAutoRead(client.channel.isWritable());
        if (!client.channel.isOpen()) endpoint.close();
        else if (client.channel.isInputShutdown()) upward.inputEnded(client.channel);      // while nobody relayed yet
    }

    @Override public void channelRead(ChannelHandlerContext ctx, Object message) {
        peer.write(message, peer.voidPromise());
    }

    @Override public void channelReadComplete(ChannelHandlerContext ctx) {
        peer.flush();
        if (!peer.isWritable()) ctx.channel().config().setAutoRead(false);
    }

    @Override public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) peer.config().setAutoRead(true);
    }

    @Override public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownReadComplete && !finished) inputEnded(ctx.channel());
    }

    private void inputEnded(Channel own) {
        finished = true;
        Relay back = other;
        boolean both = back != null && back.finished;
        peer.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> {
            if (!peer.isOpen()) return;
            if (both) {
                peer.close();
                closeAfterWrites(own);
            } else {
                ((DuplexChannel) peer).shutdownOutput();
            }
        });
    }

    private static void closeAfterWrites(Channel channel) {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    @Override public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failed = true;
        ctx.close();
    }

    @Override public void channelInactive(ChannelHandlerContext ctx) {
        Relay back = other;
        if (failed || back == null || !back.finished && !finished) Channels.reset(peer);
        else peer.close();
    }
}
