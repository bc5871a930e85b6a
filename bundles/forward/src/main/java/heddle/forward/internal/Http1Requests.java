package heddle.forward.internal;

import heddle.api.identity.Client;
import heddle.api.match.BadPathException;
import heddle.api.plan.Failure;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** From a parsed HTTP/1 head to a request that may be forwarded: the rules of RFC 9112 §3 and §6 and of SPEC.md ("further decisions")
 *  about Host, framing and hop-by-hop fields. Whatever two readers could understand in two ways is refused. */
final class Http1Requests {
    private static final String[] METHODS = {"GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"};

    private Http1Requests() {}

    static Failure failure(HeadParser.Fault fault) {
        int status = switch (fault) {
            case TOO_LONG, TOO_MANY -> 431;
            case TARGET_TOO_LONG -> 414;
            case VERSION -> 505;
            default -> 400;
        };
        return new Failure(status, 13, "bad-request", fault.text);
    }

    static Failure bad(String message) {
        return new Failure(400, 13, "bad-request", message);
    }

    /** Fills {@code request} from the parsed head; null when it may be forwarded, else the answer, after which the connection closes. */
    static @Nullable Failure read(HeadParser head, ReceivedRequest request, ConnectionTokens connection, Client client) {
        Fields fields = request.fields;
        String method = method(fields.bytes, head.methodStart, head.methodEnd);
        request.reset(method, head.targetStart, head.targetEnd, client);
        request.http10 = head.minorVersion == 0;
        request.keepAlive = false;
        connection.clear();
        int host = -1;
        int length = -1;
        int coding = -1;
        int upgrade = -1;
        boolean hasId = false;
        for (int i = 0; i < fields.count(); i++) {
            switch (fields.kind(i)) {
                case Known.HOST -> {
                    if (host >= 0) return bad("more than one Host");
                    host = i;
                }
                case Known.CONTENT_LENGTH -> {
                    if (length >= 0) return bad("more than one Content-Length");
                    length = i;
                }
                case Known.TRANSFER_ENCODING -> {
                    if (coding >= 0) return bad("more than one Transfer-Encoding");
                    coding = i;
                    fields.drop(i);
                }
                case Known.CONNECTION -> {
                    connection.read(fields, i);
                    fields.drop(i);
                }
                case Known.UPGRADE -> {
                    upgrade = i;
                    fields.drop(i);
                }
                case Known.KEEP_ALIVE, Known.PROXY_CONNECTION, Known.HTTP2_SETTINGS -> fields.drop(i);
                case Known.TE -> {
                    request.wantsTrailers = fields.value(i).toLowerCase(java.util.Locale.ROOT).contains("trailers");
                    fields.drop(i);
                }
                case Known.EXPECT -> {
                    if (!Bytes.equalsIgnoreCase(fields.bytes, fields.valueStart(i), fields.valueEnd(i), "100-continue"))
                        return new Failure(417, 13, "expectation", "the only expectation served is 100-continue");
                    request.expectsContinue = !request.http10;
                    if (request.http10) fields.drop(i);
                }
                case Known.REQUEST_ID -> hasId |= fields.present(i);
                case Known.CONTENT_TYPE -> request.grpc = Bytes.startsWithGrpc(fields.bytes, fields.valueStart(i), fields.valueEnd(i));
                default -> { }
            }
        }
        request.idMade = !hasId;
        Failure framing = framing(fields, request, length, coding);
        if (framing != null) return framing;
        if (host < 0 && !request.http10) return bad("no Host");
        if (host >= 0 && !validHost(fields, host)) return bad("invalid Host");
        request.keepAlive = request.http10 ? connection.keepAlive && !connection.close : !connection.close;
        if (connection.upgrade && upgrade >= 0 && !request.http10 && request.body == Framing.NONE && !isH2c(fields, upgrade)) {
            request.upgrade = true;
            request.webSocket = method.equals("GET")
                    && Bytes.equalsIgnoreCase(fields.bytes, fields.valueStart(upgrade), fields.valueEnd(upgrade), "websocket");
            fields.append("connection", "upgrade");
            fields.append("upgrade", fields.value(upgrade));
        }
        return target(head, request);
    }

    private static @Nullable Failure framing(Fields fields, ReceivedRequest request, int length, int coding) {
        if (coding >= 0) {
            if (length >= 0) return bad("both Content-Length and Transfer-Encoding");
            if (request.http10) return bad("Transfer-Encoding in HTTP/1.0");
            if (!Bytes.equalsIgnoreCase(fields.bytes, fields.valueStart(coding), fields.valueEnd(coding), "chunked"))
                return bad("a Transfer-Encoding other than chunked");
            request.body = Framing.CHUNKED;
        } else if (length >= 0) {
            request.body = Framing.length(fields.bytes, fields.valueStart(length), fields.valueEnd(length));
            if (request.body == Framing.BAD) return bad("invalid Content-Length");
        }
        return null;
    }

    /** uri-host [":" port]: enough to be no second header, path or user part. */
    static boolean validHost(Fields fields, int host) {
        for (int i = fields.valueStart(host); i < fields.valueEnd(host); i++) {
            int c = fields.bytes[i] & 0xff;
            boolean ok = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c < 128 && "-._~:[]%!$&'()*+;=".indexOf(c) >= 0;
            if (!ok) return false;
        }
        return true;
    }

    private static boolean isH2c(Fields fields, int upgrade) {
        return fields.value(upgrade).toLowerCase(java.util.Locale.ROOT).contains("h2c");
    }

    private static @Nullable Failure target(HeadParser head, ReceivedRequest request) {
        if (request.method().equals("CONNECT")) return new Failure(501, 12, "connect-method", "CONNECT is not served");
        try {
            request.checkPath();
        } catch (BadPathException e) {
            return bad(e.getMessage());
        }
        if (request.fields.bytes[head.targetStart] != '/' && request.fields.bytes[head.targetStart] != '*') return absolute(request);
        return null;
    }

    /** An absolute form's authority outweighs Host (RFC 9112 §3.2.2). */
    private static @Nullable Failure absolute(ReceivedRequest request) {
        String target = request.target();
        int start = target.indexOf("://") + 3;
        int end = start;
        while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') end++;
        String authority = target.substring(start, end);
        if (authority.indexOf('@') >= 0) return bad("user information in the request target");
        if (!authority.equals(request.authority())) request.setAuthority(authority);
        return null;
    }

    /** The same text as one of the known instances, where there is one. */
    static String method(CharSequence text) {
        for (String known : METHODS) if (known.contentEquals(text)) return known;
        return text.toString();
    }

    private static String method(byte[] b, int from, int to) {
        String known = known(b, from, to);
        return known == null ? new String(b, from, to - from, StandardCharsets.US_ASCII) : known;
    }

    static boolean knownMethod(byte[] b, int from, int to) {
        return known(b, from, to) != null;
    }

    private static @Nullable String known(byte[] b, int from, int to) {
        for (String known : METHODS) {
            if (known.length() != to - from) continue;
            int i = 0;
            while (i < known.length() && b[from + i] == known.charAt(i)) i++;
            if (i == known.length()) return known;
        }
        return null;
    }
}
