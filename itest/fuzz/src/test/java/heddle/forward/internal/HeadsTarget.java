package heddle.forward.internal;

import heddle.api.identity.Client;
import heddle.api.plan.Failure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import java.nio.charset.StandardCharsets;

/** HTTP heads. The first byte says how: even = HTTP/1.1 bytes, cut into pieces of that size; odd = HTTP/2 fields, {@code name NUL value NUL}.
 *  Whatever is accepted has one Host, no line end inside a field, and one framing; in pieces and whole are read alike. */
public final class HeadsTarget {
    private static final int MOST_BYTES = 65536;
    private static final int MOST_FIELDS = 200;

    private HeadsTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length < 2) return;
        if ((input[0] & 1) == 0) http1(input);
        else http2(input);
    }

    private static void http1(byte[] input) {
        Parsed whole = new Parsed();
        whole.feed(input, input.length);
        Parsed pieces = new Parsed();
        pieces.feed(input, 1 + (input[0] & 0xff) / 2);
        // a fault in a line that has not ended may be seen at once or at its end: how what came is cut decides (feed cuts it too)
        boolean refusedLater = whole.said.equals("unfinished") && pieces.said.equals("refused");
        if (!whole.said.equals(pieces.said) && !refusedLater && !pieces.said.endsWith("unfinished")) throw new IllegalStateException("whole: " + whole.said + "\npieces: " + pieces.said);
    }

    private static final class Parsed {
        private String said = "";

        void feed(byte[] input, int step) {
            ReceivedRequest request = new ReceivedRequest();
            HeadParser parser = new HeadParser(HeadParser.Kind.REQUEST, request.fields, MOST_BYTES, MOST_FIELDS);
            ByteBuf in = Unpooled.buffer();
            HeadParser.Result result = HeadParser.Result.MORE;
            int at = 1;
            try {
                while (at < input.length && result == HeadParser.Result.MORE) {
                    int n = Math.min(step, input.length - at);
                    in.writeBytes(input, at, n);
                    at += n;
                    result = parser.feed(in);
                }
                if (result != HeadParser.Result.DONE) {
                    said = result == HeadParser.Result.BAD ? "refused" : "unfinished";
                    return;
                }
                Failure failure = Http1Requests.read(parser, request, new ConnectionTokens(), Client.UNKNOWN);
                said = failure == null ? accepted(request) : "answered";
                if (failure == null) body(request, in, input, at, step);
            } finally {
                in.release();
            }
        }

        private void body(ReceivedRequest request, ByteBuf in, byte[] input, int from, int step) {
            BodyReader body = new BodyReader(MOST_BYTES, MOST_FIELDS);
            body.start(request.body);
            long data = 0;
            int at = from;
            while (true) {
                int next = body.next(in);
                if (next > 0) {
                    in.skipBytes(next);
                    body.took(next);
                    data += next;
                } else if (next == 0 && at < input.length) {
                    int n = Math.min(step, input.length - at);
                    in.writeBytes(input, at, n);
                    at += n;
                } else {
                    said += " body " + (next == BodyReader.BAD ? "bad" : next == BodyReader.END ? data + " ended" : data + " unfinished");
                    return;
                }
            }
        }
    }

    private static void http2(byte[] input) {
        DefaultHttp2Headers headers = new DefaultHttp2Headers(false);
        String[] parts = new String(input, 1, input.length - 1, StandardCharsets.ISO_8859_1).split("\0", -1);
        for (int i = 0; i + 1 < parts.length && i < 500; i += 2) headers.add(parts[i], parts[i + 1]);
        ReceivedRequest request = new ReceivedRequest();
        Failure failure = Http2Requests.read(headers, (input[0] & 2) == 0, request, Client.UNKNOWN, MOST_FIELDS);
        if (failure == null) accepted(request);
    }

    /** What would go to an HTTP/1.1 backend. */
    private static String accepted(ReceivedRequest request) {
        int[] hosts = new int[1];
        StringBuilder all = new StringBuilder(request.method()).append(' ').append(request.forwardedTarget());
        request.fields.each((name, value) -> {
            if (name.equalsIgnoreCase("host")) hosts[0]++;
            all.append('|').append(name).append(':').append(value);
            if (!ReceivedRequest.isToken(name)) throw new IllegalStateException("accepted the field name " + name);
        });
        for (int i = 0; i < all.length(); i++) {
            char c = all.charAt(i);
            if (c == '\r' || c == '\n' || c == 0) throw new IllegalStateException("accepted a line end or NUL: " + all);
        }
        if (request.forwardedTarget().indexOf(' ') >= 0) throw new IllegalStateException("accepted a space in the target: " + all);
        if (hosts[0] > 1 || hosts[0] == 0 && !request.http10) throw new IllegalStateException(hosts[0] + " hosts: " + all);
        ByteBuf line = Unpooled.buffer();
        request.writeLine(line);
        line.release();
        return all + " " + request.body + " " + request.path();
    }
}
