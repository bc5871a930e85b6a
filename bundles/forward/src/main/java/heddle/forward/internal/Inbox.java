package heddle.forward.internal;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/** Received bytes that were not taken yet, and whether more are wanted from the socket. Its event loop only. */
final class Inbox {
    private final Channel channel;
    private @Nullable ByteBuf bytes;
    private boolean paused;

    Inbox(Channel channel) {
        this.channel = channel;
    }

    /** Takes over a buffer just read. */
    void add(ByteBuf more) {
        ByteBuf now = bytes;
        if (now == null || !now.isReadable()) {
            if (now != null) now.release();
            bytes = more;
            return;
        }
        if (now.writableBytes() < more.readableBytes()) {          // twice as much: a reader that waits long costs no copy of all for each piece
            bytes = channel.alloc().directBuffer(2 * (now.readableBytes() + more.readableBytes())).writeBytes(now);
            now.release();
        }
        bytes.writeBytes(more);
        more.release();
    }

    /** What is there, or null when there is nothing. */
    @Nullable ByteBuf buffer() {
        ByteBuf now = bytes;
        return now != null && now.isReadable() ? now : null;
    }

    boolean isEmpty() {
        ByteBuf now = bytes;
        return now == null || !now.isReadable();
    }

    int size() {
        ByteBuf now = bytes;
        return now == null ? 0 : now.readableBytes();
    }

    /** Lets an emptied buffer go. */
    void trim() {
        ByteBuf now = bytes;
        if (now != null && !now.isReadable()) {
            bytes = null;
            now.release();
        }
    }

    void release() {
        ByteBuf now = bytes;
        bytes = null;
        if (now != null) now.release();
    }

    /** Gives away what is there. */
    @Nullable ByteBuf take() {
        trim();
        ByteBuf now = bytes;
        bytes = null;
        return now;
    }

    void paused(boolean pause) {
        if (pause == paused) return;
        paused = pause;
        channel.config().setAutoRead(!pause);
    }
}
