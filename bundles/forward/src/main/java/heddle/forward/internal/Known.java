package heddle.forward.internal;

/** The header fields that the forwarder itself looks at, told by one look at length and name when a field is received. */
final class Known {
    static final byte OTHER = 0;
    static final byte HOST = 1;
    static final byte CONNECTION = 2;
    static final byte CONTENT_LENGTH = 3;
    static final byte TRANSFER_ENCODING = 4;
    static final byte UPGRADE = 5;
    static final byte KEEP_ALIVE = 6;
    static final byte PROXY_CONNECTION = 7;
    static final byte TE = 8;
    static final byte EXPECT = 9;
    static final byte REQUEST_ID = 10;
    static final byte HTTP2_SETTINGS = 11;
    static final byte CONTENT_TYPE = 12;

    private Known() {}

    static byte of(byte[] b, int from, int to) {
        return switch (to - from) {
            case 2 -> is(b, from, "te", TE);
            case 4 -> is(b, from, "host", HOST);
            case 6 -> is(b, from, "expect", EXPECT);
            case 7 -> is(b, from, "upgrade", UPGRADE);
            case 10 -> (b[from] | 32) == 'c' ? is(b, from, "connection", CONNECTION) : is(b, from, "keep-alive", KEEP_ALIVE);
            case 12 -> (b[from] | 32) == 'c' ? is(b, from, "content-type", CONTENT_TYPE) : is(b, from, "x-request-id", REQUEST_ID);
            case 14 -> (b[from] | 32) == 'c' ? is(b, from, "content-length", CONTENT_LENGTH) : is(b, from, "http2-settings", HTTP2_SETTINGS);
            case 16 -> is(b, from, "proxy-connection", PROXY_CONNECTION);
            case 17 -> is(b, from, "transfer-encoding", TRANSFER_ENCODING);
            default -> OTHER;
        };
    }

    private static byte is(byte[] b, int from, String name, byte kind) {
        return Bytes.equalsIgnoreCase(b, from, name) ? kind : OTHER;
    }

    /** Fields that tell where a message ends: filters cannot touch them (their names, lower case). */
    static boolean framing(String lowerCase) {
        return switch (lowerCase) {
            case "content-length", "transfer-encoding", "connection", "upgrade", "keep-alive", "proxy-connection", "te" -> true;
            default -> false;
        };
    }
}
