package heddle.forward.internal;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/** How a client's HTTP/1.1 connection ends, and how much is still read from a client that has its answer. Its event loop only. */
final class Http1End {
    /** Of a request that was answered before its end this much is still read to save the connection, or to let the answer be seen. */
    private static final long MAX_DISCARD = 1024 * 1024;

    private final Channel channel;
    private final Outgoing out;
    private final Patience patience;
    private long discarded;

    Http1End(Channel channel, Outgoing out, Patience patience) {
        this.channel = channel;
        this.out = out;
        this.patience = patience;
    }

    /** From here on the rest of a request is passed over. */
    void discardRest() {
        discarded = 0;
        patience.exactly(2_000_000_000L);
    }

    /** Passes over {@code n} bytes; false when that has been enough. */
    boolean discard(ByteBuf bytes, int n) {
        bytes.skipBytes(n);
        discarded += n;
        return discarded <= MAX_DISCARD;
    }

    /** Closes once what is written has gone out. */
    void finish() {
        out.finish();
    }

    /** Closes our side, and reads on for a moment: else the kernel resets the connection and the client never sees the answer. */
    void linger() {
        discarded = 0;
        patience.exactly(1_000_000_000L);
        out.shutdown();
    }

    /** What comes while we linger. */
    void drop(ByteBuf bytes) {
        if (!discard(bytes, bytes.readableBytes())) channel.close();
    }

    void reset() {
        out.discard();
        Channels.reset(channel);
    }
}
