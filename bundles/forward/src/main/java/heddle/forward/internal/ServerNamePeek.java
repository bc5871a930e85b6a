package heddle.forward.internal;

import heddle.api.plan.ClientPlan;
import heddle.api.plan.Split;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads the server name of a TLS ClientHello (RFC 6066 §3) and relays the connection untouched to what the TLSRoutes say; what is no
 *  TLS has no server name. Its event loop only. */
final class ServerNamePeek extends ChannelInboundHandlerAdapter implements ClientConnection.Speaker {
    private static final int MAX_HELLO = 64 * 1024;

    private final ClientConnection connection;
    private final ClientPlan.Tls plan;
    private final Inbox in;
    private final Deadlines.Entry limit = new Deadlines.Entry() {
        @Override void expired(long now) {
            connection.loop.counters.slowClients++;
            connection.channel.close();
        }
    };

    ServerNamePeek(ClientConnection connection, ClientPlan.Tls plan) {
        this.connection = connection;
        this.plan = plan;
        this.in = new Inbox(connection.channel);
        connection.loop.slowDeadlines.set(limit, System.nanoTime() + connection.loop.settings().headerNanos());
    }

    @Override public void channelRead(ChannelHandlerContext ctx, Object message) {
        in.add((ByteBuf) message);
        ByteBuf bytes = in.buffer();
        if (bytes == null) return;
        String name = serverName(bytes);
        if (name == null && bytes.readableBytes() < MAX_HELLO) return;
        connection.loop.slowDeadlines.clear(limit);
        ctx.channel().config().setAutoRead(false);
        ctx.pipeline().remove(this);
        ByteBuf ahead = in.take();
        Split split = plan.table().find(name == null ? "" : name);
        OpaqueRelay.start(connection, split, ahead);
    }

    /** Null when more bytes are needed, "" when there is no name. */
    static @Nullable String serverName(ByteBuf bytes) {
        int at = bytes.readerIndex();
        int n = bytes.readableBytes();
        if (n >= 1 && bytes.getByte(at) != 22) return "";
        if (n < 5) return null;
        if (bytes.getByte(at + 1) != 3) return "";
        byte[] hello = new byte[n];
        int have = 0;
        for (int p = 0; p + 5 <= n; ) {                            // the handshake may be cut over several records
            if (bytes.getByte(at + p) != 22) return "";
            int length = bytes.getUnsignedShort(at + p + 3);
            int part = Math.min(length, n - p - 5);
            bytes.getBytes(at + p + 5, hello, have, part);
            have += part;
            if (have >= 4) {
                if (hello[0] != 1) return "";
                int whole = 4 + ((hello[1] & 255) << 16 | (hello[2] & 255) << 8 | hello[3] & 255);
                if (have >= whole) return find(hello, whole);
                if (whole > MAX_HELLO) return "";
            }
            p += 5 + length;
        }
        return null;
    }

    private static String find(byte[] b, int end) {
        int p = 4 + 2 + 32;
        if (p >= end) return "";
        p += 1 + (b[p] & 255);
        if (p + 2 > end) return "";
        p += 2 + u16(b, p);
        if (p + 1 > end) return "";
        p += 1 + (b[p] & 255);
        if (p + 2 > end) return "";
        int stop = Math.min(end, p + 2 + u16(b, p));
        for (p += 2; p + 4 <= stop; p += 4 + u16(b, p + 2)) {
            if (u16(b, p) != 0) continue;
            if (p + 9 > stop || b[p + 6] != 0) return "";
            int length = u16(b, p + 7);
            if (p + 9 + length > stop) return "";
            return new String(b, p + 9, length, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        }
        return "";
    }

    private static int u16(byte[] b, int p) {
        return (b[p] & 255) << 8 | b[p + 1] & 255;
    }

    @Override public boolean owes() {
        return true;
    }

    @Override public void drain() {
        connection.loop.slowDeadlines.set(limit, System.nanoTime() + Loop.LAST_REQUEST_NANOS);
    }

    @Override public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) ctx.close();
    }

    @Override public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    @Override public void channelInactive(ChannelHandlerContext ctx) {
        connection.loop.slowDeadlines.clear(limit);
        in.release();
    }
}
