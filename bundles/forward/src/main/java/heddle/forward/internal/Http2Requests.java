package heddle.forward.internal;

import heddle.api.identity.Client;
import heddle.api.match.BadPathException;
import heddle.api.plan.Failure;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From a decoded HTTP/2 header block to a request that may be forwarded: RFC 9113 §8.2 and §8.3, with the same rules about Host, path and
 *  values as in HTTP/1.1. The fields are laid down in HTTP/1 form, so that the rest of the data path sees no difference. */
final class Http2Requests {
    /** RFC 9113 §8.1.1: the stream is reset with PROTOCOL_ERROR. */
    static final Failure MALFORMED = new Failure(400, 13, "malformed", "the request is malformed");
    private static final Failure TOO_MANY = new Failure(431, 13, "bad-request", "too many header fields");

    private Http2Requests() {}

    /** Fills {@code request}; null when it may be forwarded, {@link #MALFORMED}, or the answer.
     *  @param end no body follows */
    static @Nullable Failure read(Http2Headers head, boolean end, ReceivedRequest request, Client client, int maxFields) {
        Fields fields = request.fields;
        fields.clear();
        CharSequence method = null;
        CharSequence path = null;
        CharSequence scheme = null;
        CharSequence authority = null;
        CharSequence protocol = null;
        Iterator<Map.Entry<CharSequence, CharSequence>> each = head.iterator();
        Map.Entry<CharSequence, CharSequence> field = null;
        while (each.hasNext()) {
            field = each.next();
            CharSequence name = field.getKey();
            if (name.isEmpty() || name.charAt(0) != ':') break;
            CharSequence value = field.getValue();
            if (AsciiString.contentEquals(name, ":method") && method == null) method = value;
            else if (AsciiString.contentEquals(name, ":path") && path == null) path = value;
            else if (AsciiString.contentEquals(name, ":scheme") && scheme == null) scheme = value;
            else if (AsciiString.contentEquals(name, ":authority") && authority == null) authority = value;
            else if (AsciiString.contentEquals(name, ":protocol") && protocol == null) protocol = value;
            else return MALFORMED;
            field = null;
        }
        if (method == null || !ReceivedRequest.isToken(method.toString())) return MALFORMED;
        boolean connect = AsciiString.contentEquals(method, "CONNECT");
        boolean webSocket = connect && protocol != null && AsciiString.contentEquals(protocol, "websocket");
        if (connect && protocol == null && (path != null || scheme != null || authority == null)) return MALFORMED;
        if (connect && !webSocket) return new Failure(501, 12, "connect-method", "CONNECT is not served");
        if (protocol != null && !connect || path == null || path.isEmpty() || scheme == null) return MALFORMED;
        int target = fields.layText(path);
        int targetEnd = fields.length;
        request.reset(webSocket ? "GET" : Http1Requests.method(method), target, targetEnd, client);
        request.http2 = true;
        request.keepAlive = true;
        request.scheme(AsciiString.contentEquals(scheme, "https") ? "https" : "http");
        request.body = end ? Framing.NONE : Framing.CHUNKED;
        int host = authority == null ? -1 : lay(fields, "host", authority);
        if (host == BAD || !isScheme(scheme)) return MALFORMED;
        boolean named = false;
        boolean hasId = false;
        int length = -1;
        int cookie = -1;
        StringBuilder cookies = null;
        while (field != null) {
            int i = lay(fields, field.getKey(), field.getValue());
            if (i == BAD) return MALFORMED;
            switch (fields.kind(i)) {
                case Known.CONNECTION, Known.KEEP_ALIVE, Known.PROXY_CONNECTION, Known.TRANSFER_ENCODING, Known.UPGRADE -> {
                    return MALFORMED;
                }
                case Known.HOST -> {
                    if (named || host >= 0 && !fields.value(host).equalsIgnoreCase(fields.value(i))) return MALFORMED;
                    named = true;
                    if (host >= 0) fields.drop(i);
                    else host = i;
                }
                case Known.TE -> {
                    if (!fields.value(i).equalsIgnoreCase("trailers")) return MALFORMED;
                    request.wantsTrailers = true;
                    fields.drop(i);
                }
                case Known.CONTENT_LENGTH -> {
                    if (length >= 0) return MALFORMED;
                    length = i;
                }
                case Known.HTTP2_SETTINGS -> fields.drop(i);
                case Known.EXPECT -> {
                    if (!fields.value(i).equalsIgnoreCase("100-continue"))
                        return new Failure(417, 13, "expectation", "the only expectation served is 100-continue");
                    request.expectsContinue = true;
                }
                case Known.REQUEST_ID -> hasId = true;
                case Known.CONTENT_TYPE -> request.grpc = Bytes.startsWithGrpc(fields.bytes, fields.valueStart(i), fields.valueEnd(i));
                default -> {
                    if (fields.nameEnd(i) - fields.nameStart(i) == 6 && fields.named(i, "cookie")) {
                        if (cookie < 0) {
                            cookie = i;
                        } else {
                            if (cookies == null) {
                                cookies = new StringBuilder(fields.value(cookie));
                                fields.drop(cookie);
                            }
                            cookies.append("; ").append(fields.value(i));
                            fields.drop(i);
                        }
                    }
                }
            }
            field = each.hasNext() ? each.next() : null;
        }
        if (cookies != null) fields.lay("cookie", cookies);
        request.idMade = !hasId;
        if (webSocket) {
            if (length >= 0) return MALFORMED;
            webSocket(request);
        }
        if (length >= 0) {
            long n = Framing.length(fields.bytes, fields.valueStart(length), fields.valueEnd(length));
            if (n == Framing.BAD || end && n > 0) return MALFORMED;
            request.body = n;
        }
        if (fields.count() > maxFields) return TOO_MANY;
        if (host < 0) return Http1Requests.bad("no authority");
        if (!Http1Requests.validHost(fields, host)) return Http1Requests.bad("invalid authority");
        return target(request, target, targetEnd);
    }

    /** An extended CONNECT is matched, filtered and forwarded as the GET that it is in HTTP/1.1 (RFC 8441 §5). */
    private static void webSocket(ReceivedRequest request) {
        request.upgrade = true;
        request.webSocket = true;
        request.body = Framing.NONE;
        request.fields.append("connection", "upgrade");
        request.fields.append("upgrade", "websocket");
        if (!request.fields.has(WebSocketHandshake.KEY)) request.fields.append(WebSocketHandshake.KEY, WebSocketHandshake.key());
    }

    private static @Nullable Failure target(ReceivedRequest request, int from, int to) {
        byte[] b = request.fields.bytes;
        boolean star = b[from] == '*' && to - from == 1 && request.method().equals("OPTIONS");
        if (b[from] != '/' && !star) return MALFORMED;
        for (int i = from; i < to; i++) if (!Bytes.TARGET[b[i] & 0xff]) return Http1Requests.bad("invalid character in the request target");
        try {
            request.checkPath();
        } catch (BadPathException e) {
            return Http1Requests.bad(e.getMessage());
        }
        return null;
    }

    /** Trailers as a field section; null when they are malformed. What would frame or address a message is left out. */
    static @Nullable Fields trailers(Http2Headers received, int maxFields) {
        Fields fields = new Fields();
        for (Map.Entry<CharSequence, CharSequence> field : received) {
            int i = lay(fields, field.getKey(), field.getValue());
            if (i == BAD || fields.count() > maxFields) return null;
            switch (fields.kind(i)) {
                case Known.CONNECTION, Known.KEEP_ALIVE, Known.PROXY_CONNECTION, Known.TRANSFER_ENCODING, Known.UPGRADE, Known.HOST, Known.TE,
                     Known.CONTENT_LENGTH, Known.EXPECT, Known.HTTP2_SETTINGS -> fields.drop(i);
                default -> { }
            }
        }
        return fields;
    }

    /** Not -1, which is "no such field". */
    static final int BAD = -2;

    /** Lays a field down; its index, or {@link #BAD} when name or value are not what RFC 9113 §8.2.1 allows. */
    static int lay(Fields fields, CharSequence name, CharSequence value) {
        int i = fields.count();
        fields.lay(name, value);
        byte[] b = fields.bytes;
        int nameEnd = fields.nameEnd(i);
        if (nameEnd == fields.nameStart(i)) return BAD;
        for (int at = fields.nameStart(i); at < nameEnd; at++) if (!Bytes.TOKEN[b[at] & 0xff] || b[at] >= 'A' && b[at] <= 'Z') return BAD;
        int from = fields.valueStart(i);
        int to = fields.valueEnd(i);
        for (int at = from; at < to; at++) if (!Bytes.VALUE[b[at] & 0xff]) return BAD;
        if (to > from && (blank(b[from]) || blank(b[to - 1]))) return BAD;
        return i;
    }

    /** RFC 3986 §3.1. */
    private static boolean isScheme(CharSequence scheme) {
        for (int i = 0; i < scheme.length(); i++) {
            char c = scheme.charAt(i);
            if ((c | 32) < 'a' || (c | 32) > 'z') if (i == 0 || (c < '0' || c > '9') && c != '+' && c != '-' && c != '.') return false;
        }
        return !scheme.isEmpty();
    }

    private static boolean blank(byte b) {
        return b == ' ' || b == '\t';
    }
}
