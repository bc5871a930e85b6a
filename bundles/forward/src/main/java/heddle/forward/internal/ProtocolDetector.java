package heddle.forward.internal;

import heddle.api.plan.ClientPlan;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.nio.charset.StandardCharsets;

/** Decides by a connection's first bytes: the HTTP/2 preface, an HTTP/1 request, or neither (SPEC.md, further decisions). Where HTTP is
 *  demanded everything else is left to the HTTP/1 parser, which answers 400. Its event loop only. */
final class ProtocolDetector extends ChannelInboundHandlerAdapter implements ClientConnection.Speaker {
    enum Verdict { HTTP1, HTTP2, OTHER, MORE }

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final String[] METHODS = {"GET ", "POST ", "PUT ", "HEAD ", "DELETE ", "OPTIONS ", "PATCH ", "TRACE ", "CONNECT "};
    private static final int MAX_LINE = 8192;

    private final ClientConnection connection;
    private final ClientPlan.Http plan;
    private final boolean demanded;
    private final Inbox in;
    private final Deadlines.Entry limit = new Deadlines.Entry() {
        @Override void expired(long now) {
            tooLate();
        }
    };

    ProtocolDetector(ClientConnection connection, ClientPlan.Http plan) {
        this.connection = connection;
        this.plan = plan;
        this.demanded = plan.expect() == ClientPlan.Expect.HTTP;
        this.in = new Inbox(connection.channel);
        Settings settings = connection.loop.settings();
        long wait = demanded ? settings.idleNanos() : settings.detectNanos();
        if (wait > 0) connection.loop.slowDeadlines.set(limit, System.nanoTime() + wait);
    }

    @Override public void channelRead(ChannelHandlerContext ctx, Object message) {
        in.add((ByteBuf) message);
        ByteBuf bytes = in.buffer();
        if (bytes == null) return;
        switch (look(bytes, demanded)) {
            case MORE -> { }
            case HTTP1 -> become(ctx, new Http1Pipeline(connection));
            case HTTP2 -> become(ctx, Http2Server.on(connection));
            case OTHER -> relay(ctx);
        }
    }

    static Verdict look(ByteBuf bytes, boolean demanded) {
        int at = bytes.readerIndex();
        int n = bytes.readableBytes();
        int same = 0;
        while (same < n && same < PREFACE.length && bytes.getByte(at + same) == PREFACE[same]) same++;
        if (same == PREFACE.length) return Verdict.HTTP2;
        if (same == n && same > 0) return Verdict.MORE;
        if (demanded) return Verdict.HTTP1;
        for (String method : METHODS) {
            int i = 0;
            while (i < n && i < method.length() && bytes.getByte(at + i) == method.charAt(i)) i++;
            if (i == method.length()) return Verdict.HTTP1;
            if (i == n) return Verdict.MORE;
        }
        return ownMethod(bytes, at, n);
    }

    /** A method of somebody's own: the whole first line tells. */
    private static Verdict ownMethod(ByteBuf bytes, int at, int n) {
        int i = 0;
        while (i < n && Bytes.TOKEN[bytes.getByte(at + i) & 0xff]) i++;
        if (i == n) return i > 64 ? Verdict.OTHER : Verdict.MORE;
        if (i == 0 || bytes.getByte(at + i) != ' ') return Verdict.OTHER;
        int lf = bytes.indexOf(at, at + n, (byte) '\n');
        if (lf < 0) return n > MAX_LINE ? Verdict.OTHER : Verdict.MORE;
        int length = Math.min(11, lf - at);
        String end = bytes.toString(lf - length, length, StandardCharsets.ISO_8859_1).strip();
        return end.endsWith(" HTTP/1.1") || end.endsWith(" HTTP/1.0") ? Verdict.HTTP1 : Verdict.OTHER;
    }

    private <H extends io.netty.channel.ChannelHandler & ClientConnection.Speaker> void become(ChannelHandlerContext ctx, H next) {
        connection.loop.slowDeadlines.clear(limit);
        ByteBuf bytes = in.take();
        connection.speaker(next);
        ctx.pipeline().replace(this, "http", next);
        ChannelHandlerContext there = ctx.pipeline().context(next);
        if (bytes != null) {
            try {
                ((io.netty.channel.ChannelInboundHandler) next).channelRead(there, bytes);
            } catch (Exception e) {
                there.fireExceptionCaught(e);
            }
        }
    }

    private void relay(ChannelHandlerContext ctx) {
        connection.loop.slowDeadlines.clear(limit);
        connection.loop.counters.notHttp++;
        ctx.channel().config().setAutoRead(false);
        ByteBuf bytes = in.take();
        ctx.pipeline().remove(this);
        OpaqueRelay.start(connection, plan.opaque(), bytes);
    }

    private void tooLate() {
        ChannelHandlerContext ctx = connection.channel.pipeline().context(this);
        if (ctx == null || !connection.channel.isOpen()) return;
        if (demanded) ctx.close();
        else relay(ctx);
    }

    @Override public boolean owes() {
        return true;
    }

    @Override public void drain() {
        if (demanded && in.isEmpty()) connection.loop.slowDeadlines.set(limit, System.nanoTime() + Loop.LAST_REQUEST_NANOS);
    }

    @Override public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof ChannelInputShutdownEvent)) return;
        if (!demanded && !in.isEmpty()) relay(ctx);
        else ctx.close();
    }

    @Override public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    @Override public void channelInactive(ChannelHandlerContext ctx) {
        connection.loop.slowDeadlines.clear(limit);
        in.release();
    }
}
