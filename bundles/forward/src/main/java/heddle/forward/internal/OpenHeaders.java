package heddle.forward.internal;

import io.netty.buffer.ByteBuf;

/** Looks at the frame heads of an HTTP/2 client for a header block that has begun and not ended: a HEADERS or CONTINUATION frame that is
 *  not all there, or one without END_HEADERS (RFC 9113 §4.3). Netty tells of a block only when it is complete. Its event loop only. */
final class OpenHeaders {
    private static final int PREFACE = 24;
    private static final int FRAME_HEAD = 9;
    private static final byte HEADERS = 1;
    private static final byte CONTINUATION = 9;
    private static final byte END_HEADERS = 4;

    private final byte[] head = new byte[FRAME_HEAD];
    private int have;
    private int left = PREFACE;
    private boolean block;
    private boolean last;
    private long since;

    /** Bytes as they came, to be given on to Netty untouched. */
    void see(ByteBuf in) {
        int at = in.readerIndex();
        int end = in.writerIndex();
        while (at < end) {
            if (left > 0) {
                int n = Math.min(left, end - at);
                left -= n;
                at += n;
            } else {
                int n = Math.min(FRAME_HEAD - have, end - at);
                in.getBytes(at, head, have, n);
                have += n;
                at += n;
                if (have == FRAME_HEAD) begin();
            }
            if (left == 0 && have == 0 && last) {
                block = false;
                last = false;
            }
        }
        if (!block) since = 0;
        else if (since == 0) since = System.nanoTime();
    }

    private void begin() {
        have = 0;
        left = (head[0] & 255) << 16 | (head[1] & 255) << 8 | head[2] & 255;
        if (head[3] != HEADERS && head[3] != CONTINUATION) return;
        block = true;
        last = (head[4] & END_HEADERS) != 0;
    }

    /** A block has been open for longer than this. */
    boolean longerThan(long nanos, long now) {
        return since != 0 && now - since - nanos > 0;
    }
}
