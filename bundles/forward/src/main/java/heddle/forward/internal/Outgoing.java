package heddle.forward.internal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.DuplexChannel;
import org.jspecify.annotations.Nullable;

/** The writing side of one connection. Heads, chunk sizes and small pieces of data are gathered in one buffer, large pieces go out as
 *  they came in; a flush is one system call for all of it. Its event loop only. */
final class Outgoing {
    private static final int BUFFER = 1024;
    /** Data up to this size is cheaper to copy than to send from where it lies. */
    private static final int COPY = 4096;
    private static final byte[] CRLF = Bytes.ascii("\r\n");
    private static final byte[] LAST_CHUNK = Bytes.ascii("0\r\n");

    private final Channel channel;
    private @Nullable ByteBuf open;
    private boolean dirty;

    Outgoing(Channel channel) {
        this.channel = channel;
    }

    /** A buffer with at least this much room, to write into at once. */
    ByteBuf room(int bytes) {
        ByteBuf now = open;
        if (now != null) {
            if (now.writableBytes() >= bytes) return now;
            push();
        }
        open = now = channel.alloc().directBuffer(Math.max(BUFFER, bytes));
        return now;
    }

    /** Takes {@code length} bytes of the source. */
    void data(ByteBuf source, int length) {
        if (length <= COPY) {
            room(length).writeBytes(source, length);
            return;
        }
        push();
        dirty = true;
        channel.write(source.readRetainedSlice(length), channel.voidPromise());
    }

    /** Takes {@code length} bytes of the source as one chunk. */
    void chunk(ByteBuf source, int length) {
        Bytes.chunkSize(room(12), length);
        data(source, length);
        room(2).writeBytes(CRLF);
    }

    /** The end of a chunked body. */
    void lastChunk(@Nullable Fields trailers) {
        ByteBuf to = room(8 + (trailers == null ? 0 : trailers.size()));
        to.writeBytes(LAST_CHUNK);
        if (trailers != null) trailers.writeTo(to);
        to.writeBytes(CRLF);
    }

    private void push() {
        ByteBuf full = open;
        if (full == null) return;
        open = null;
        dirty = true;
        channel.write(full, channel.voidPromise());
    }

    void flush() {
        push();
        if (dirty) {
            dirty = false;
            channel.flush();
        }
    }

    boolean writable() {
        return channel.isWritable();
    }

    /** Sends what is there, then closes. */
    void finish() {
        push();
        dirty = false;
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    /** Sends what is there, then closes this direction. */
    void shutdown() {
        push();
        dirty = false;
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> ((DuplexChannel) channel).shutdownOutput());
    }

    /** Nothing more will be sent. */
    void discard() {
        ByteBuf rest = open;
        open = null;
        if (rest != null) rest.release();
    }
}
