package heddle.forward.internal;

/** From a parsed HTTP/1 response head to one that may be passed on: framing by RFC 9112 §6.3, hop-by-hop fields dropped. */
final class Http1Responses {
    private Http1Responses() {}

    /** False when nobody can tell where the message ends: the backend is then treated as broken. */
    static boolean read(HeadParser head, ReceivedResponse response, boolean toHead) {
        Fields fields = response.fields;
        response.reset(head.status);
        response.reasonStart = head.reasonStart;
        response.reasonEnd = head.reasonEnd;
        int length = -1;
        int coding = -1;
        int upgrade = -1;
        boolean close = false;
        boolean keepAlive = false;
        boolean upgradeOption = false;
        for (int i = 0; i < fields.count(); i++) {
            switch (fields.kind(i)) {
                case Known.CONTENT_LENGTH -> {
                    if (length >= 0) return false;
                    length = i;
                }
                case Known.TRANSFER_ENCODING -> {
                    if (coding >= 0) return false;
                    coding = i;
                    fields.drop(i);
                }
                case Known.CONNECTION -> {
                    ConnectionTokens tokens = new ConnectionTokens();
                    tokens.read(fields, i);
                    fields.drop(i);
                    close |= tokens.close;
                    keepAlive |= tokens.keepAlive;
                    upgradeOption |= tokens.upgrade;
                }
                case Known.UPGRADE -> {
                    upgrade = i;
                    fields.drop(i);
                }
                case Known.KEEP_ALIVE, Known.PROXY_CONNECTION -> fields.drop(i);
                default -> { }
            }
        }
        response.keepAlive = head.minorVersion == 0 ? keepAlive && !close : !close;
        if (head.status == 101) {
            response.upgrade = upgradeOption && upgrade >= 0;
            if (response.upgrade) {
                fields.append("connection", "upgrade");
                fields.append("upgrade", fields.value(upgrade));
            }
            return true;
        }
        return body(head, response, length, coding, toHead);
    }

    private static boolean body(HeadParser head, ReceivedResponse response, int length, int coding, boolean toHead) {
        Fields fields = response.fields;
        if (coding >= 0) {
            if (length >= 0 || head.minorVersion == 0) return false;
            if (!Bytes.equalsIgnoreCase(fields.bytes, fields.valueStart(coding), fields.valueEnd(coding), "chunked")) return false;
            response.body = Framing.CHUNKED;
        } else if (length >= 0) {
            response.body = Framing.length(fields.bytes, fields.valueStart(length), fields.valueEnd(length));
            if (response.body == Framing.BAD) return false;
        } else {
            response.body = Framing.UNTIL_CLOSE;
        }
        boolean never = head.status < 200 || head.status == 204;
        if (never && length >= 0) fields.drop(length);
        if (never || head.status == 304 || toHead) response.body = Framing.NONE;
        return true;
    }
}
