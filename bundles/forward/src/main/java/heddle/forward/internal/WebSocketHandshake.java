package heddle.forward.internal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;

/** What HTTP/1.1 has in a WebSocket's handshake and HTTP/2 has not (RFC 6455 §1.3, RFC 8441 §5): the key and its answer. */
final class WebSocketHandshake {
    static final String KEY = "sec-websocket-key";
    static final String ACCEPT = "sec-websocket-accept";
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private WebSocketHandshake() {}

    /** A key for a request that came without one. */
    static String key() {
        byte[] random = new byte[16];
        ThreadLocalRandom.current().nextBytes(random);                   // against caches in between, it is no secret
        return Base64.getEncoder().encodeToString(random);
    }

    static String accept(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
