package heddle.forward.internal;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import java.util.Arrays;

/** Field sections on their way into an HTTP/2 connection: names in lower case, hop-by-hop fields left out. */
final class Http2Heads {
    private static final AsciiString[] STATUS = new AsciiString[1000];
    /** Frequent names by a cheap hash, so that none is made anew for each message. */
    private static final AsciiString[] NAMES = new AsciiString[512];
    private static final AsciiString HTTP = AsciiString.cached("http");
    private static final AsciiString HTTPS = AsciiString.cached("https");
    private static final AsciiString TE = AsciiString.cached("te");
    private static final AsciiString TRAILERS = AsciiString.cached("trailers");
    private static final AsciiString REQUEST_ID = AsciiString.cached("x-request-id");

    static {
        for (String name : new String[] {"accept", "accept-encoding", "accept-language", "access-control-allow-origin", "age", "authorization", "cache-control",
            "content-encoding", "content-length", "content-type", "cookie", "date", "etag", "expires", "grpc-accept-encoding", "grpc-encoding", "grpc-message",
            "grpc-status", "grpc-timeout", "last-modified", "location", "origin", "referer", "server", "set-cookie", "traceparent", "tracestate",
            "user-agent", "vary", "via", "x-forwarded-for", "x-forwarded-proto", "x-request-id"}) {
            byte[] b = Bytes.ascii(name);
            NAMES[slot(b, 0, b.length)] = AsciiString.cached(name);
        }
    }

    private Http2Heads() {}

    static Http2Headers response(ReceivedResponse response) {
        return ReadOnlyHttp2Headers.serverHeaders(false, status(response.status), fields(response.fields, 0));
    }

    static Http2Headers request(ReceivedRequest request, boolean secure) {
        Fields fields = request.fields;
        boolean te = request.wantsTrailers || request.grpc;
        int own = (te ? 2 : 0) + (request.idMade ? 2 : 0);
        AsciiString[] others = fields(fields, own);
        int at = others.length - own;
        if (te) {
            others[at++] = TE;
            others[at++] = TRAILERS;
        }
        if (request.idMade) {
            others[at++] = REQUEST_ID;
            others[at] = text(request.requestId());
        }
        return ReadOnlyHttp2Headers.clientHeaders(false, text(request.method()), text(request.forwardedTarget()), secure ? HTTPS : HTTP,
                text(request.authority()), others);
    }

    /** The extended CONNECT that asks for a WebSocket: RFC 8441 §5. */
    static Http2Headers connect(ReceivedRequest request, boolean secure) {
        Http2Headers head = new DefaultHttp2Headers(false).method(text("CONNECT")).scheme(secure ? HTTPS : HTTP)
                .authority(text(request.authority())).path(text(request.forwardedTarget()));
        head.set(Http2Headers.PseudoHeaderName.PROTOCOL.value(), text("websocket"));
        AsciiString[] others = fields(request.fields, 0);
        for (int i = 0; i < others.length; i += 2) if (!others[i].contentEquals(WebSocketHandshake.KEY)) head.add(others[i], others[i + 1]);
        if (request.idMade) head.add(REQUEST_ID, text(request.requestId()));
        return head;
    }

    static Http2Headers trailers(Fields trailers) {
        return ReadOnlyHttp2Headers.trailers(false, fields(trailers, 0));
    }

    private static AsciiString status(int code) {
        AsciiString known = STATUS[code];
        if (known == null) STATUS[code] = known = AsciiString.cached(Integer.toString(code));
        return known;
    }

    /** Names and values in turn, with {@code spare} places left free at the end. */
    private static AsciiString[] fields(Fields from, int spare) {
        AsciiString[] out = new AsciiString[2 * (from.count() + from.added()) + spare];
        byte[] b = from.bytes;
        int at = 0;
        for (int i = 0; i < from.count(); i++) {
            if (!from.present(i) || hop(from.kind(i))) continue;
            out[at++] = name(b, from.nameStart(i), from.nameEnd(i));
            out[at++] = new AsciiString(b, from.valueStart(i), from.valueEnd(i) - from.valueStart(i), true);
        }
        for (int i = 0; i < from.added(); i++) {
            String name = from.addedName(i);
            byte[] bytes = Bytes.ascii(name);
            if (bytes.length == 0 || hop(Known.of(bytes, 0, bytes.length))) continue;
            out[at++] = name(bytes, 0, bytes.length);
            out[at++] = text(from.addedValue(i));
        }
        return at + spare == out.length ? out : Arrays.copyOf(out, at + spare);
    }

    private static boolean hop(byte kind) {
        return switch (kind) {
            case Known.HOST, Known.CONNECTION, Known.KEEP_ALIVE, Known.PROXY_CONNECTION, Known.TRANSFER_ENCODING, Known.UPGRADE, Known.HTTP2_SETTINGS, Known.TE -> true;
            default -> false;
        };
    }

    private static AsciiString text(String latin1) {
        byte[] bytes = latin1.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        return new AsciiString(bytes, false);
    }

    private static int slot(byte[] b, int from, int to) {
        return (to - from) * 131 + (b[from] | 32) * 31 + (b[to - 1] | 32) * 7 + (b[from + (to - from) / 2] | 32) & 511;
    }

    private static AsciiString name(byte[] b, int from, int to) {
        AsciiString known = NAMES[slot(b, from, to)];
        if (known != null && known.length() == to - from && matches(known, b, from)) return known;
        byte[] lower = Arrays.copyOfRange(b, from, to);
        for (int i = 0; i < lower.length; i++) if (lower[i] >= 'A' && lower[i] <= 'Z') lower[i] += 32;
        return new AsciiString(lower, false);
    }

    private static boolean matches(AsciiString known, byte[] b, int from) {
        byte[] k = known.array();
        for (int i = 0; i < k.length; i++) {
            int c = b[from + i];
            if (c >= 'A' && c <= 'Z') c += 32;
            if (k[i] != c) return false;
        }
        return true;
    }
}
