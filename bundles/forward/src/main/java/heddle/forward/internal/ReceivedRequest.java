package heddle.forward.internal;

import heddle.api.identity.Client;
import heddle.api.match.BadPathException;
import heddle.api.match.RequestPath;
import heddle.api.policy.RequestEdit;
import io.netty.buffer.ByteBuf;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A request's head: what matching reads, what filters edit and what goes to the backend. Strings are made when asked for. Reused
 *  within a connection (or stream); valid until its exchange ends. */
final class ReceivedRequest implements RequestEdit {
    final Fields fields = new Fields();
    /** A length, {@link Framing#NONE} or {@link Framing#CHUNKED}. */
    long body;
    boolean keepAlive;
    /** Asks for another protocol on this connection: WebSocket. */
    boolean upgrade;
    /** The other protocol is WebSocket, which HTTP/2 can carry too: RFC 8441. */
    boolean webSocket;
    boolean expectsContinue;
    boolean headRequest;
    boolean http10;
    boolean http2;
    boolean grpc;
    /** {@code te: trailers} was there: kept toward HTTP/2 backends. */
    boolean wantsTrailers;
    long idHigh;
    long idLow;
    boolean idMade;
    private String method = "";
    private int targetStart;
    private int targetEnd;
    private @Nullable String target;
    private @Nullable String newTarget;
    private @Nullable String path;
    private @Nullable String query;
    private @Nullable String authority;
    private String scheme = "http";
    private Client client = Client.UNKNOWN;

    void reset(String newMethod, int start, int end, Client from) {
        method = newMethod;
        targetStart = start;
        targetEnd = end;
        target = null;
        newTarget = null;
        path = null;
        query = null;
        authority = null;
        client = from;
        body = Framing.NONE;
        upgrade = false;
        webSocket = false;
        expectsContinue = false;
        grpc = false;
        wantsTrailers = false;
        http10 = false;
        http2 = false;
        idMade = false;
        headRequest = method.equals("HEAD");
    }

    /** A request of our own. */
    static ReceivedRequest made(String method, String target, String authority, Client from) {
        ReceivedRequest request = new ReceivedRequest();
        request.fields.clear();
        int start = request.fields.layText(clean(target));
        request.reset(method, start, request.fields.length, from);
        request.fields.lay("host", clean(authority));
        return request;
    }

    /** A copy as it would be forwarded now, for what outlives the exchange. */
    ReceivedRequest copy() {
        ReceivedRequest copy = made(method, forwardedTarget(), authority(), client);
        fields.each((name, value) -> {
            if (!name.equals("host") && !name.equals("connection") && !name.equals("upgrade") && !name.equals("expect")) copy.fields.append(name, value);
        });
        if (idMade) copy.fields.append("x-request-id", requestId());
        copy.body = body;
        copy.http2 = http2;
        copy.grpc = grpc;
        copy.wantsTrailers = wantsTrailers;
        return copy;
    }

    /** Works out the path now, so that a bad one is refused before anything is matched (SPEC.md M5). */
    void checkPath() throws BadPathException {
        path = RequestPath.of(method, receivedTarget());
    }

    void authority(String value) {
        authority = value;
    }

    void scheme(String value) {
        scheme = value;
    }

    String receivedTarget() {
        String known = target;
        if (known == null) target = known = fields.text(targetStart, targetEnd);
        return known;
    }

    @Override public String method() {
        return method;
    }

    @Override public String target() {
        return newTarget != null ? newTarget : receivedTarget();
    }

    @Override public String path() {
        String known = path;
        if (known == null) {
            try {
                known = RequestPath.of(method, target());
            } catch (BadPathException e) {
                known = "";
            }
            path = known;
        }
        return known;
    }

    @Override public String query() {
        String known = query;
        if (known == null) query = known = RequestPath.query(target());
        return known;
    }

    @Override public String authority() {
        String known = authority;
        if (known == null) authority = known = fields.get("host");
        return known;
    }

    @Override public String scheme() {
        return scheme;
    }

    @Override public String header(String name) {
        if (isHost(name)) return authority();
        if (idMade && name.equalsIgnoreCase("x-request-id")) return requestId();
        return fields.get(name);
    }

    @Override public boolean hasHeader(String name) {
        if (isHost(name)) return !authority().isEmpty();
        return idMade && name.equalsIgnoreCase("x-request-id") || fields.has(name);
    }

    private static boolean isHost(String name) {
        return name.length() == 4 && name.equalsIgnoreCase("host");
    }

    @Override public void headers(BiConsumer<String, String> each) {
        fields.each(each);
        if (idMade) each.accept("x-request-id", requestId());
    }

    @Override public Client client() {
        return client;
    }

    @Override public void setHeader(String name, String value) {
        String lower = Fields.lower(name);
        if (lower.equals("host")) {
            setAuthority(value);
            return;
        }
        if (!editable(lower)) return;
        fields.set(lower, value);
    }

    @Override public void addHeader(String name, String value) {
        String lower = Fields.lower(name);
        if (lower.equals("host")) return;
        if (editable(lower)) fields.join(lower, value);
    }

    @Override public void removeHeader(String name) {
        String lower = Fields.lower(name);
        if (!lower.equals("host") && editable(lower)) fields.remove(lower);
    }

    private boolean editable(String lower) {
        if (lower.equals("x-request-id") && idMade) {
            idMade = false;
        }
        return !Known.framing(lower) && isToken(lower);
    }

    static boolean isToken(String name) {
        for (int i = 0; i < name.length(); i++) if (name.charAt(i) > 255 || !Bytes.TOKEN[name.charAt(i)]) return false;
        return !name.isEmpty();
    }

    @Override public void setTarget(String replacement) {
        newTarget = clean(replacement);
        path = null;
        query = null;
    }

    @Override public void setAuthority(String replacement) {
        authority = clean(replacement);
        fields.set("host", authority);
    }

    /** No edit of a filter's can put a space or a line end into the request line. */
    private static String clean(String text) {
        StringBuilder out = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c > ' ' && c < 0x7f) {
                if (out != null) out.append(c);
                continue;
            }
            if (out == null) out = new StringBuilder(text.length() + 8).append(text, 0, i);
            for (byte b : String.valueOf(c).getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
                out.append('%').append(Character.toUpperCase(Character.forDigit(b >> 4 & 15, 16)))
                        .append(Character.toUpperCase(Character.forDigit(b & 15, 16)));
            }
        }
        return out == null ? text : out.toString();
    }

    String requestId() {
        byte[] hex = new byte[32];
        Bytes.hex16(hex, 0, idHigh);
        Bytes.hex16(hex, 16, idLow);
        return new String(hex, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    int sizeOfLine() {
        return method.length() + 2 + Math.max(targetEnd - targetStart, newTarget == null ? 0 : newTarget.length());
    }

    /** {@code METHOD target}, without the version. */
    void writeLine(ByteBuf out) {
        Bytes.latin1(out, method);
        out.writeByte(' ');
        writeTarget(out);
    }

    /** The path and query that go to the backend: the received bytes unless something rewrote them; of an absolute form its path part. */
    void writeTarget(ByteBuf out) {
        if (newTarget != null) Bytes.latin1(out, newTarget);
        else if (fields.bytes[targetStart] == '/' || fields.bytes[targetStart] == '*') out.writeBytes(fields.bytes, targetStart, targetEnd - targetStart);
        else Bytes.latin1(out, originForm());
    }

    String forwardedTarget() {
        return newTarget != null ? newTarget : originForm();
    }

    private String originForm() {
        String full = receivedTarget();
        if (full.isEmpty() || full.charAt(0) == '/' || full.equals("*")) return full;
        int start = full.indexOf("://");
        if (start < 0) return full;
        for (int i = start + 3; i < full.length(); i++) {
            if (full.charAt(i) == '/') return full.substring(i);
            if (full.charAt(i) == '?') return "/" + full.substring(i);
        }
        return method.equals("OPTIONS") ? "*" : "/";
    }
}
