package heddle.forward.internal;

import io.netty.buffer.ByteBuf;

/** Finds a body's data in the byte stream of an HTTP/1 connection: by length, by chunks, or until the connection ends. The data itself
 *  is not touched. Chunk sizes are read strictly (RFC 9112 §7.1): hex digits, CR LF; extensions are dropped and limited. */
final class BodyReader {
    /** {@link #next} found the end of the body (trailers included). */
    static final int END = -1;
    static final int BAD = -2;
    private static final int MAX_EXTENSION_BYTES = 4096;

    private enum At { DATA, SIZE, EXTENSION, SIZE_LF, DATA_CR, DATA_LF, TRAILERS, ENDED }

    private final Fields trailerFields = new Fields();
    private final HeadParser trailers;
    private At at = At.ENDED;
    private boolean chunked;
    private boolean untilClose;
    private long left;
    private int digits;
    private int extension;

    BodyReader(int maxBytes, int maxFields) {
        trailers = new HeadParser(HeadParser.Kind.TRAILERS, trailerFields, maxBytes, maxFields);
    }

    /** @param framing a length or a constant of {@link Framing} */
    void start(long framing) {
        chunked = framing == Framing.CHUNKED;
        untilClose = framing == Framing.UNTIL_CLOSE;
        left = Math.max(0, framing);
        extension = 0;
        if (chunked) startSize();
        else at = untilClose || left > 0 ? At.DATA : At.ENDED;
        if (chunked) trailers.reset();
    }

    private void startSize() {
        at = At.SIZE;
        left = 0;
        digits = 0;
    }

    boolean ended() {
        return at == At.ENDED;
    }

    boolean untilClose() {
        return untilClose;
    }

    /** The trailer fields, once the body has ended; empty when there were none. */
    Fields trailers() {
        return trailerFields;
    }

    /** How many data bytes stand at the input's reader index now (the caller takes them and calls {@link #took}); 0: more input is
     *  needed; {@link #END} or {@link #BAD}. */
    int next(ByteBuf in) {
        while (true) {
            switch (at) {
                case ENDED -> {
                    return END;
                }
                case DATA -> {
                    int here = in.readableBytes();
                    return untilClose ? here : (int) Math.min(here, left);
                }
                case TRAILERS -> {
                    HeadParser.Result result = trailers.feed(in);
                    if (result == HeadParser.Result.MORE) return 0;
                    if (result == HeadParser.Result.BAD) return BAD;
                    dropForbidden();
                    at = At.ENDED;
                }
                default -> {
                    if (!in.isReadable()) return 0;
                    if (!frame(in.readByte())) return BAD;
                }
            }
        }
    }

    void took(int bytes) {
        if (untilClose) return;
        left -= bytes;
        if (left == 0) at = chunked ? At.DATA_CR : At.ENDED;
    }

    private boolean frame(byte b) {
        switch (at) {
            case SIZE -> {
                int hex = Bytes.hex(b);
                if (hex >= 0) {
                    left = left << 4 | hex;
                    return ++digits <= 15;
                }
                if (digits == 0) return false;
                if (b == Bytes.CR) at = At.SIZE_LF;
                else if (b == ';') at = At.EXTENSION;
                else return false;
                return true;
            }
            case EXTENSION -> {
                if (b == Bytes.CR) at = At.SIZE_LF;
                else if (!Bytes.VALUE[b & 0xff] || ++extension > MAX_EXTENSION_BYTES) return false;
                return true;
            }
            case SIZE_LF -> {
                at = left == 0 ? At.TRAILERS : At.DATA;
                return b == Bytes.LF;
            }
            case DATA_CR -> {
                at = At.DATA_LF;
                return b == Bytes.CR;
            }
            case DATA_LF -> {
                startSize();
                return b == Bytes.LF;
            }
            default -> throw new IllegalStateException(at.name());
        }
    }

    /** RFC 9110 §6.5.1: what frames, routes or authenticates a message has no place in a trailer. */
    private void dropForbidden() {
        for (int i = 0; i < trailerFields.count(); i++) {
            byte kind = trailerFields.kind(i);
            boolean forbidden = kind != Known.OTHER && kind != Known.REQUEST_ID || trailerFields.named(i, "authorization")
                    || trailerFields.named(i, "cookie") || trailerFields.named(i, "set-cookie") || trailerFields.named(i, "trailer");
            if (forbidden) trailerFields.drop(i);
        }
    }
}
