package heddle.forward.internal;

/** How long a message body is: a number of bytes, or one of these. */
final class Framing {
    /** No body at all. */
    static final long NONE = -1;
    /** Known only at its end: chunked in HTTP/1.1. */
    static final long CHUNKED = -2;
    /** Ends with the connection (responses only). */
    static final long UNTIL_CLOSE = -3;
    /** The length field is no length. */
    static final long BAD = -4;

    private Framing() {}

    /** Content-Length: digits only, no sign, no list, below 10^18. */
    static long length(byte[] b, int from, int to) {
        if (from == to || to - from > 18) return BAD;
        long n = 0;
        for (int i = from; i < to; i++) {
            int digit = b[i] - '0';
            if (digit < 0 || digit > 9) return BAD;
            n = n * 10 + digit;
        }
        return n;
    }
}
