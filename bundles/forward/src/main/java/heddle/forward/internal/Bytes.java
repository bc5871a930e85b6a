package heddle.forward.internal;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** The byte classes of RFC 9110 and RFC 9112, and how text becomes bytes. */
final class Bytes {
    static final byte CR = '\r';
    static final byte LF = '\n';
    /** Characters of a token: methods and field names. */
    static final boolean[] TOKEN = new boolean[256];
    /** Characters of a field value: tab, space, visible ones and obs-text. */
    static final boolean[] VALUE = new boolean[256];
    /** Characters of a request target: visible ones but {@code #}; what is no URI character at all is refused. */
    static final boolean[] TARGET = new boolean[256];
    private static final byte[] LOWER = new byte[256];
    private static final byte[] HEX = new byte[256];
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    static {
        for (int c = 0; c < 256; c++) {
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
            boolean digit = c >= '0' && c <= '9';
            TOKEN[c] = letter || digit || c < 128 && "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
            VALUE[c] = c == '\t' || c >= ' ' && c != 0x7f;
            TARGET[c] = c > ' ' && c < 0x7f && "#<>\"\\^`{}".indexOf(c) < 0;
            LOWER[c] = (byte) (c >= 'A' && c <= 'Z' ? c + 32 : c);
            HEX[c] = (byte) Character.digit(c < 128 ? (char) c : ' ', 16);
        }
    }

    private Bytes() {}

    /** The value of a hex digit, or -1. */
    static int hex(byte b) {
        return HEX[b & 0xff];
    }

    static boolean equalsIgnoreCase(byte[] bytes, int from, String lowerCase) {
        for (int i = 0; i < lowerCase.length(); i++) if (LOWER[bytes[from + i] & 0xff] != (byte) lowerCase.charAt(i)) return false;
        return true;
    }

    static boolean equalsIgnoreCase(byte[] bytes, int from, int to, String lowerCase) {
        return to - from == lowerCase.length() && equalsIgnoreCase(bytes, from, lowerCase);
    }

    /** A value of a filter's, made harmless: a control character becomes a space, so that no edit can end a field line. */
    static String fieldValue(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' && c != '\t' || c == 0x7f) return value.replaceAll("[\\x00-\\x08\\x0a-\\x1f\\x7f]", " ");
        }
        return value;
    }

    @SuppressWarnings("deprecation")                       // getBytes(int, int, byte[], int) is the one copy without a charset encoder
    static void latin1(ByteBuf out, String text) {
        int n = text.length();
        byte[] scratch = SCRATCH.get();
        for (int from = 0; from < n; from += scratch.length) {
            int part = Math.min(scratch.length, n - from);
            text.getBytes(from, from + part, scratch, 0);
            out.writeBytes(scratch, 0, part);
        }
    }

    private static final ThreadLocal<byte[]> SCRATCH = ThreadLocal.withInitial(() -> new byte[512]);

    static void field(ByteBuf out, String name, String value) {
        latin1(out, name);
        out.writeShort(':' << 8 | ' ');
        latin1(out, value);
        out.writeShort('\r' << 8 | '\n');
    }

    /** {@code size CR LF}, in hex. */
    static void chunkSize(ByteBuf out, int size) {
        int shift = 28 - (Integer.numberOfLeadingZeros(size | 1) & ~3);
        for (; shift >= 0; shift -= 4) out.writeByte(DIGITS[size >>> shift & 15]);
        out.writeShort('\r' << 8 | '\n');
    }

    static void hex16(byte[] to, int at, long value) {
        for (int i = 15; i >= 0; i--, value >>>= 4) to[at + i] = DIGITS[(int) value & 15];
    }

    /** {@code application/grpc}, {@code application/grpc+proto}, ... */
    static boolean startsWithGrpc(byte[] b, int from, int to) {
        if (to - from < 16 || !equalsIgnoreCase(b, from, "application/grpc")) return false;
        return to - from == 16 || b[from + 16] == '+' || b[from + 16] == ';' || b[from + 16] == ' ' || b[from + 16] == '-';
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
