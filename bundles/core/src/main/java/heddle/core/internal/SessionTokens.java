package heddle.core.internal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Session tokens (SPEC.md T9): AES-GCM, so that a client can neither read an endpoint's address nor name one of its own, nor make a session
 *  last longer. A token is good for one rule. Any thread. */
final class SessionTokens {
    private static final byte VERSION = 1;
    private static final int NONCE = 12;
    private static final int PREFIX = 8;
    private static final int TAG_BITS = 128;
    private static final int MOST = 1024;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SecretKeySpec key;
    /** Of every nonce; with the counter none comes twice. */
    private final byte[] prefix = new byte[PREFIX];
    private final AtomicInteger counter = new AtomicInteger();

    /** @param secret any text; equal texts understand each other's tokens */
    SessionTokens(String secret) {
        try {
            key = new SecretKeySpec(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)), "AES");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
        RANDOM.nextBytes(prefix);
    }

    /** @param started  seconds since 1970
     *  @param seen     likewise: the last answer
     *  @param endpoint {@code address:port} */
    record Content(long started, long seen, String backend, String endpoint) {}

    String write(String rule, Content content) {
        byte[] names = (content.backend() + "\n" + content.endpoint()).getBytes(StandardCharsets.UTF_8);
        byte[] plain = ByteBuffer.allocate(1 + 2 * Long.BYTES + names.length).put(VERSION).putLong(content.started()).putLong(content.seen()).put(names).array();
        byte[] nonce = ByteBuffer.allocate(NONCE).put(prefix).putInt(counter.incrementAndGet()).array();
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, rule).doFinal(plain);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(ByteBuffer.allocate(NONCE + sealed.length).put(nonce).put(sealed).array());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a session token cannot be sealed", e);
        }
    }

    /** Empty when it is not a token of this rule, made by a daemon with this secret. */
    Optional<Content> read(String rule, String token) {
        if (token.isEmpty() || token.length() > MOST) return Optional.empty();
        try {
            byte[] all = Base64.getUrlDecoder().decode(token);
            if (all.length <= NONCE) return Optional.empty();
            byte[] nonce = new byte[NONCE];
            ByteBuffer.wrap(all).get(nonce);
            ByteBuffer plain = ByteBuffer.wrap(cipher(Cipher.DECRYPT_MODE, nonce, rule).doFinal(all, NONCE, all.length - NONCE));
            if (plain.get() != VERSION) return Optional.empty();
            long started = plain.getLong();
            long seen = plain.getLong();
            String[] names = StandardCharsets.UTF_8.decode(plain).toString().split("\n", 2);
            return Optional.of(new Content(started, seen, names[0], names[1]));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Equal secrets seal alike. */
    @Override public boolean equals(Object other) {
        return other instanceof SessionTokens tokens && tokens.key.equals(key);
    }

    @Override public int hashCode() {
        return key.hashCode();
    }

    private Cipher cipher(int mode, byte[] nonce, String rule) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(rule.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
