package heddle.policy.internal.filter;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads protobuf fields one after the other; malformed input is an {@link IllegalArgumentException}, never anything else. */
final class ProtoReader {
    private final byte[] data;
    private final int end;
    private int at;
    private int field;
    private long number;
    private int from;
    private int to;

    ProtoReader(byte[] data) {
        this(data, 0, data.length);
    }

    private ProtoReader(byte[] data, int from, int end) {
        this.data = data;
        this.at = from;
        this.end = end;
    }

    /** Goes to the next field; false at the end. */
    boolean next() {
        if (at == end) return false;
        long tag = varint();
        field = (int) (tag >>> 3);
        number = 0;
        from = to = at;
        switch ((int) (tag & 7)) {
            case 0 -> number = varint();
            case 1 -> at = skip(8);
            case 2 -> {
                long length = varint();
                if (length < 0 || length > end - at) throw new IllegalArgumentException("a field is longer than its message");
                from = at;
                to = at = skip((int) length);
            }
            case 5 -> at = skip(4);
            default -> throw new IllegalArgumentException("unknown wire type " + (tag & 7));
        }
        return true;
    }

    int field() {
        return field;
    }

    long number() {
        return number;
    }

    String string() {
        return new String(data, from, to - from, StandardCharsets.UTF_8);
    }

    byte[] bytes() {
        return Arrays.copyOfRange(data, from, to);
    }

    ProtoReader message() {
        return new ProtoReader(data, from, to);
    }

    private int skip(int length) {
        if (length > end - at) throw new IllegalArgumentException("a field is longer than its message");
        return at + length;
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (at == end) throw new IllegalArgumentException("the message ends in a number");
            byte b = data[at++];
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) return value;
        }
        throw new IllegalArgumentException("a number has more than ten bytes");
    }
}
