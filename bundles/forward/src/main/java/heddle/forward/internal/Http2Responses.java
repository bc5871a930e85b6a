package heddle.forward.internal;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.Map;

/** From a decoded HTTP/2 header block of an endpoint to a response that may be passed on. */
final class Http2Responses {
    private static final AsciiString STATUS = AsciiString.cached(":status");

    private Http2Responses() {}

    /** False when it is malformed: the stream is then reset.
     *  @param toHead it answers a HEAD request
     *  @param end    no body follows */
    static boolean read(Http2Headers received, ReceivedResponse response, boolean toHead, boolean end, int maxFields) {
        Fields fields = response.fields;
        fields.clear();
        response.reset(0);
        int length = -1;
        for (Map.Entry<CharSequence, CharSequence> field : received) {
            CharSequence name = field.getKey();
            if (name.length() > 0 && name.charAt(0) == ':') {
                if (response.status != 0 || !AsciiString.contentEquals(STATUS, name)) return false;
                response.status = status(field.getValue());
                if (response.status < 100 || response.status == 101) return false;
                continue;
            }
            int i = Http2Requests.lay(fields, name, field.getValue());
            if (i == Http2Requests.BAD) return false;
            switch (fields.kind(i)) {
                case Known.CONNECTION, Known.KEEP_ALIVE, Known.PROXY_CONNECTION, Known.TRANSFER_ENCODING, Known.UPGRADE -> fields.drop(i);
                case Known.CONTENT_LENGTH -> {
                    if (length >= 0) return false;
                    length = i;
                }
                default -> { }
            }
        }
        if (response.status == 0 || response.status < 200 && end || fields.count() > maxFields) return false;
        response.body = end ? Framing.NONE : Framing.CHUNKED;
        if (length >= 0) {
            long n = Framing.length(fields.bytes, fields.valueStart(length), fields.valueEnd(length));
            if (n == Framing.BAD || end && n > 0 && !toHead && response.status != 304) return false;
            if (response.status < 200 || response.status == 204) fields.drop(length);
            else if (!end || n == 0) response.body = n;
        }
        return true;
    }

    private static int status(CharSequence text) {
        if (text.length() != 3) return 0;
        int n = 0;
        for (int i = 0; i < 3; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) return 0;
            n = 10 * n + digit;
        }
        return n;
    }
}
