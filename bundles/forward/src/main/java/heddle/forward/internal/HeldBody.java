package heddle.forward.internal;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** A request body's beginning, held for a filter that wants it whole or for a retry that may need it again. Event loop only. */
final class HeldBody {
    private final ByteBuf bytes;
    private final int max;
    private final Loop loop;
    private final @Nullable Tenant tenant;
    private boolean overQuota;
    private boolean keeping;
    private boolean released;

    HeldBody(ClientConnection connection, int max) {
        this.bytes = connection.channel.alloc().directBuffer(Math.min(max, 2048));
        this.max = max;
        this.loop = connection.loop;
        this.tenant = connection.tenant;
    }

    private boolean mayHold(int length) {
        return tenant == null || tenant.take(loop.index, Tenant.Kind.BYTES, length, loop.tenants.quota().bytes());
    }

    /** The client's namespace holds too much already. */
    boolean overQuota() {
        return overQuota;
    }

    /** Takes {@code length} bytes of the source; false when there is more now than was to be held. */
    boolean hold(ByteBuf source, int length) {
        if (!mayHold(length)) {
            source.skipBytes(length);
            overQuota = true;
            return false;
        }
        bytes.writeBytes(source, length);
        return bytes.readableBytes() <= max;
    }

    int size() {
        return bytes.readableBytes();
    }

    byte[] bytes() {
        byte[] all = new byte[bytes.readableBytes()];
        bytes.getBytes(bytes.readerIndex(), all);
        return all;
    }

    /** From now on what is sent is kept for another try. */
    void keep() {
        if (!released) keeping = true;
    }

    /** Still holds everything from the body's first byte on. */
    boolean keeping() {
        return keeping;
    }

    /** Keeps a copy of data on its way out; beyond the limit all is let go and there will be no other try. */
    void copy(ByteBuf source, int length) {
        if (!keeping) return;
        if (bytes.readableBytes() + length > max || !mayHold(length)) release();
        else bytes.writeBytes(source, source.readerIndex(), length);
    }

    void copyTo(Mirror mirror) {
        if (!released) mirror.copy(bytes, bytes.readerIndex(), bytes.readableBytes());
    }

    void replay(Attempt to) {
        if (!released && bytes.isReadable()) to.sendData(bytes.duplicate(), bytes.readableBytes());
    }

    void release() {
        keeping = false;
        if (released) return;
        released = true;
        if (tenant != null) tenant.give(loop.index, Tenant.Kind.BYTES, bytes.readableBytes());
        bytes.release();
    }
}
