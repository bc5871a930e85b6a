package heddle.forward.internal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/** The data of one HTTP/2 stream, both ways. What comes and is not wanted yet is held, which keeps the sender's window shut; what goes
 *  out is gathered into frames, the last of them held so that it carries END_STREAM. Event loop only. */
abstract class Http2Body {
    /** Data up to this is gathered into one frame; more goes out as it lies. */
    private static final int COPY = 4096;
    private static final int GATHER = 8192;
    private static final int PART = 16384;
    private static final int ROOM = 128 * 1024;

    final Http2Peer<?> peer;
    private @Nullable Http2Stream stream;
    private @Nullable ByteBuf ahead;
    private @Nullable ByteBuf held;
    private boolean gathers;
    private boolean giving;
    private boolean waiting;
    private boolean closed;
    /** Bytes taken and not yet in the socket. Netty's own writability would make all streams wait for one without a window. */
    private int pending;

    Http2Body(Http2Peer<?> peer) {
        this.peer = peer;
    }

    void stream(@Nullable Http2Stream now) {
        stream = now;
    }

    /** Open for frames of ours. */
    final boolean open() {
        return stream != null && !closed;
    }

    final boolean isClosed() {
        return closed;
    }

    /** The stream has closed, however that came. */
    void closed() {
        closed = true;
    }

    /** The read in which something came is over. */
    abstract void readDone();

    // what comes

    /** Whether data would be taken now. */
    abstract boolean wants();

    /** Takes {@code length} bytes of the source. */
    abstract void take(ByteBuf source, int length);

    /** Takes what came or holds it; how many bytes need not be held against the sender. */
    final int come(ByteBuf data) {
        int n = data.readableBytes();
        if (n == 0) return 0;
        if (ahead != null || giving || !wants()) {
            hold(data, n);
            return 0;
        }
        take(data, n);
        return n;
    }

    private void hold(ByteBuf data, int n) {
        ByteBuf now = ahead;
        if (now == null || now.writableBytes() < n) {
            int had = now == null ? 0 : now.readableBytes();
            ByteBuf more = peer.channel.alloc().directBuffer(Math.max(1024, 2 * (had + n)));
            if (now != null) {
                more.writeBytes(now);
                now.release();
            }
            ahead = now = more;
        }
        now.writeBytes(data, data.readerIndex(), n);
    }

    final boolean holds() {
        return ahead != null;
    }

    final boolean giving() {
        return giving;
    }

    /** Gives what is held, as long as it is wanted. */
    final void give() {
        if (giving) return;
        giving = true;
        int taken = 0;
        ByteBuf now;
        while ((now = ahead) != null && wants()) {
            int n = Math.min(PART, now.readableBytes());
            take(now, n);
            taken += n;
            if (ahead == now && !now.isReadable()) {
                ahead = null;
                now.release();
            }
        }
        giving = false;
        if (taken > 0) consumed(taken);
    }

    final void dropHeld() {
        ByteBuf now = ahead;
        ahead = null;
        if (now == null) return;
        int rest = now.readableBytes();
        now.release();
        consumed(rest);
    }

    private void consumed(int bytes) {
        Http2Stream of = stream;
        if (of != null && !closed) peer.consumed(of, bytes);
    }

    // what goes out

    final ChannelFuture write(Http2Headers headers, boolean end) {
        ChannelHandlerContext ctx = peer.context();
        return peer.encoder().writeHeaders(ctx, id(), headers, 0, end, ctx.newPromise());
    }

    final int id() {
        Http2Stream to = stream;
        return to == null ? 0 : to.id();
    }

    /** Takes {@code length} bytes of the source to send them. */
    final void gather(ByteBuf source, int length) {
        if (!open()) {
            source.skipBytes(length);
            return;
        }
        pending += length;
        ByteBuf now = held;
        if (now != null && gathers && now.writableBytes() >= length) {
            now.writeBytes(source, length);
            return;
        }
        push();
        gathers = length <= COPY;
        held = gathers ? peer.channel.alloc().directBuffer(GATHER).writeBytes(source, length) : source.readRetainedSlice(length);
    }

    /** Writes what was gathered. */
    final void push() {
        if (held != null) write(false);
    }

    /** Writes what was gathered as the last data. */
    final ChannelFuture pushLast() {
        return write(true);
    }

    private ChannelFuture write(boolean end) {
        ByteBuf now = held;
        held = null;
        ChannelHandlerContext ctx = peer.context();
        if (!open()) {
            if (now != null) now.release();
            return ctx.newSucceededFuture();
        }
        int n = now == null ? 0 : now.readableBytes();
        ChannelFuture written = peer.encoder().writeData(ctx, id(), now == null ? Unpooled.EMPTY_BUFFER : now, 0, end, ctx.newPromise());
        if (n > 0 && !end) written.addListener(sent -> sent(n));
        return written;
    }

    private void sent(int bytes) {
        pending -= bytes;
        if (!waiting || closed || pending >= ROOM / 2) return;
        waiting = false;
        peer.loop.executor.execute(() -> {                          // not at once: writes complete in the middle of Netty's own work
            if (!closed) roomAgain();
        });
    }

    /** There is room after {@link #hasRoom} said that there was none. */
    abstract void roomAgain();

    final boolean hasRoom() {
        waiting = pending >= ROOM;
        return !waiting;
    }

    final void dropGathered() {
        ByteBuf now = held;
        held = null;
        if (now != null) now.release();
    }
}
