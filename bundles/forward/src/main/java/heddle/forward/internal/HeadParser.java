package heddle.forward.internal;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Reads one head (start line and field lines, or only field lines for trailers) into {@link Fields}, strictly by RFC 9112: every line
 *  ends in CR LF, names are tokens followed at once by a colon, no folding, no control characters. Takes exactly the head's bytes from
 *  the input; a head may come in pieces of any size at linear cost. One event loop. */
final class HeadParser {
    enum Kind { REQUEST, RESPONSE, TRAILERS }

    enum Result { MORE, DONE, BAD }

    /** Why a head is refused. */
    enum Fault {
        NONE(""), LINE("malformed start line"), NOT_HTTP("the start line of another protocol"), VERSION("HTTP version not served"), BARE_LF("a line ends without CR LF"),
        BARE_CR("CR inside a line"), FOLDED("folded or indented field line"), NAME("invalid field name"), VALUE("invalid character in a field value"),
        TARGET("invalid request target"), TOO_LONG("head too large"), TARGET_TOO_LONG("request target too long"), TOO_MANY("too many header fields");

        final String text;

        Fault(String text) {
            this.text = text;
        }
    }

    /** The same whether a request line comes whole or in pieces. */
    private static final int MAX_METHOD = 64;

    private final Kind kind;
    private final Fields fields;
    private final int maxBytes;
    private final int maxFields;
    private int position;
    private int scanned;
    private boolean inFields;
    private boolean skippedEmptyLine;
    Fault fault = Fault.NONE;
    /** Request: method and target. Response: {@code status}. */
    int methodStart;
    int methodEnd;
    int targetStart;
    int targetEnd;
    int minorVersion;
    int status;
    int reasonStart;
    int reasonEnd;

    HeadParser(Kind kind, Fields fields, int maxBytes, int maxFields) {
        this.kind = kind;
        this.fields = fields;
        this.maxBytes = maxBytes;
        this.maxFields = maxFields;
        reset();
    }

    void reset() {
        fields.clear();
        position = 0;
        scanned = 0;
        inFields = kind == Kind.TRAILERS;
        skippedEmptyLine = false;
        fault = Fault.NONE;
    }

    /** Whether a head has begun and not ended. */
    boolean begun() {
        return fields.length > 0 && position < fields.length || inFields && kind != Kind.TRAILERS;
    }

    Result feed(ByteBuf in) {
        while (in.isReadable()) {
            int step = Math.min(in.readableBytes(), Math.max(1024, fields.bytes.length - fields.length));
            fields.room(step);
            int before = fields.length;
            in.getBytes(in.readerIndex(), fields.bytes, before, step);
            fields.length = before + step;
            Result result = parse();
            if (result == Result.DONE) {
                in.skipBytes(position - before);
                fields.length = position;
                return result;
            }
            in.skipBytes(step);
            if (result == Result.BAD) return result;
            if (fields.length >= maxBytes) return bad(inFields ? Fault.TOO_LONG : Fault.TARGET_TOO_LONG);
        }
        return Result.MORE;
    }

    private Result parse() {
        byte[] b = fields.bytes;
        int length = fields.length;
        if (scanned > position && !hasLineFeed(b, scanned, length)) return more(length);
        if (!inFields) {
            Result line = startLine(b, length);
            if (line != Result.DONE) return line;
            inFields = true;
        }
        while (position < length) {
            int from = position;
            int i = from;
            while (i < length && Bytes.TOKEN[b[i] & 0xff]) i++;
            if (i == length) return more(length);
            if (i == from) return lineStart(b, from, length);
            if (b[i] != ':') return bad(b[i] == Bytes.LF ? Fault.BARE_LF : Fault.NAME);
            int nameEnd = i++;
            while (i < length && (b[i] == ' ' || b[i] == '\t')) i++;
            int value = i;
            while (i < length && Bytes.VALUE[b[i] & 0xff]) i++;
            if (i == length) return more(length);
            if (b[i] != Bytes.CR) return bad(b[i] == Bytes.LF ? Fault.BARE_LF : Fault.VALUE);
            if (i + 1 == length) return more(length);
            if (b[i + 1] != Bytes.LF) return bad(Fault.BARE_CR);
            int valueEnd = i;
            while (valueEnd > value && (b[valueEnd - 1] == ' ' || b[valueEnd - 1] == '\t')) valueEnd--;
            if (fields.count() == maxFields) return bad(Fault.TOO_MANY);
            position = i + 2;
            if (position > maxBytes) return bad(Fault.TOO_LONG);
            fields.add(from, nameEnd, value, valueEnd, position);
        }
        return more(length);
    }

    /** A line that starts with no token: the empty line that ends the head, or a fault. */
    private Result lineStart(byte[] b, int from, int length) {
        if (b[from] == Bytes.LF) return bad(Fault.BARE_LF);
        if (b[from] == ' ' || b[from] == '\t') return bad(Fault.FOLDED);
        if (b[from] != Bytes.CR) return bad(Fault.NAME);
        if (from + 1 == length) return more(length);
        if (b[from + 1] != Bytes.LF) return bad(Fault.BARE_CR);
        position = from + 2;
        return Result.DONE;
    }

    private Result startLine(byte[] b, int length) {
        if (kind == Kind.REQUEST && b[position] == Bytes.CR && !skippedEmptyLine) {      // RFC 9112 §2.2: one empty line before a request
            if (position + 1 == length) return more(length);
            if (b[position + 1] != Bytes.LF) return bad(Fault.BARE_CR);
            skippedEmptyLine = true;
            position += 2;
            if (position == length) return more(length);
        }
        int lf = position;
        while (lf < length && b[lf] != Bytes.LF) lf++;
        if (lf == length) return kind == Kind.REQUEST && !plausible(b, length) ? bad(Fault.LINE) : more(length);
        if (lf == position || b[lf - 1] != Bytes.CR) return bad(Fault.BARE_LF);
        Fault found = kind == Kind.REQUEST ? requestLine(b, position, lf - 1) : statusLine(b, position, lf - 1);
        if (found != Fault.NONE) return bad(found);
        position = lf + 1;
        return Result.DONE;
    }

    /** What has come of a request line so far may become one: else a peer that speaks another protocol would wait for its answer. */
    private boolean plausible(byte[] b, int length) {
        int i = position;
        while (i < length && Bytes.TOKEN[b[i] & 0xff]) i++;
        return i == length || b[i] == ' ' && i > position && i - position <= MAX_METHOD;
    }

    private Fault requestLine(byte[] b, int from, int to) {
        int i = from;
        while (i < to && Bytes.TOKEN[b[i] & 0xff]) i++;
        if (i == from || i == to || b[i] != ' ' || i - from > MAX_METHOD) return Fault.LINE;
        methodStart = from;
        methodEnd = i++;
        targetStart = i;
        while (i < to && Bytes.TARGET[b[i] & 0xff]) i++;
        targetEnd = i;
        if (i == targetStart) return Fault.LINE;
        if (i == to) return Fault.LINE;
        if (b[i] != ' ') return Fault.TARGET;
        Fault version = version(b, i + 1, to);
        return version == Fault.LINE && foreign(b, to) ? Fault.NOT_HTTP : version;
    }

    /** A first line of three words of which none belongs to HTTP/1: the broken preface of HTTP/2, or of a protocol yet to come. */
    private boolean foreign(byte[] b, int to) {
        if (b[targetStart] == '/' || b[targetStart] == '*' || Http1Requests.knownMethod(b, methodStart, methodEnd)) return false;
        return !new String(b, targetEnd, to - targetEnd, StandardCharsets.ISO_8859_1).contains("HTTP/");
    }

    private Fault version(byte[] b, int from, int to) {
        if (to - from != 8 || b[from] != 'H' || b[from + 1] != 'T' || b[from + 2] != 'T' || b[from + 3] != 'P' || b[from + 4] != '/'
                || b[from + 6] != '.' || !digit(b[from + 5]) || !digit(b[from + 7])) return Fault.LINE;
        if (b[from + 5] != '1') return Fault.VERSION;
        minorVersion = b[from + 7] - '0';
        return Fault.NONE;
    }

    private Fault statusLine(byte[] b, int from, int to) {
        if (to - from < 12 || version(b, from, from + 8) != Fault.NONE || b[from + 8] != ' ') return Fault.LINE;
        if (!digit(b[from + 9]) || !digit(b[from + 10]) || !digit(b[from + 11])) return Fault.LINE;
        status = (b[from + 9] - '0') * 100 + (b[from + 10] - '0') * 10 + b[from + 11] - '0';
        if (status < 100) return Fault.LINE;
        if (to > from + 12 && b[from + 12] != ' ') return Fault.LINE;
        reasonStart = Math.min(to, from + 13);
        reasonEnd = to;
        for (int i = reasonStart; i < to; i++) if (!Bytes.VALUE[b[i] & 0xff]) return Fault.LINE;
        return Fault.NONE;
    }

    private static boolean digit(byte b) {
        return b >= '0' && b <= '9';
    }

    private static boolean hasLineFeed(byte[] b, int from, int to) {
        for (int i = from; i < to; i++) if (b[i] == Bytes.LF) return true;
        return false;
    }

    private Result more(int length) {
        scanned = length;
        return Result.MORE;
    }

    private Result bad(Fault why) {
        fault = why;
        return Result.BAD;
    }
}
