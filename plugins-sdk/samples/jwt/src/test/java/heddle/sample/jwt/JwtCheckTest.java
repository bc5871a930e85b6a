package heddle.sample.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterFactory;
import heddle.gateway.Decoded;
import heddle.gateway.ManifestDecoder;
import heddle.testkit.EditedRequest;
import heddle.testkit.FilterChain;
import heddle.testkit.FilterContract;
import heddle.testkit.GivenSpec;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JwtCheckTest extends FilterContract {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    @TempDir Path folder;
    private ECKey key;
    private Path jwks;

    @BeforeEach void keys() throws Exception {
        key = new ECKeyGenerator(Curve.P_256).keyID("k1").generate();
        jwks = folder.resolve("jwks.json");
        Files.writeString(jwks, new JWKSet(key).toString());
    }

    @Override protected FilterFactory factory() {
        return new JwtCheckFactory();
    }

    @Override protected GivenSpec good() {
        return GivenSpec.resource(JwtCheckSpec.TYPE, Map.of("jwks", Map.of("file", jwks.toString())));
    }

    @Override protected Map<String, GivenSpec> bad() {
        return Map.of("spec.jwks", GivenSpec.resource(JwtCheckSpec.TYPE, Map.of()), "spec.jwks.file", GivenSpec.resource(JwtCheckSpec.TYPE, Map.of("jwks", Map.of("file", "/nowhere/jwks.json"))),
                "spec.jwks.url", GivenSpec.resource(JwtCheckSpec.TYPE, Map.of("jwks", Map.of("url", "ftp://x/"))),
                "spec.clockSkew", GivenSpec.resource(JwtCheckSpec.TYPE, Map.of("jwks", Map.of("file", jwks.toString()), "clockSkew", "soon")),
                "spec.claimToHeaders[0].header", GivenSpec.resource(JwtCheckSpec.TYPE, Map.of("jwks", Map.of("file", jwks.toString()), "claimToHeaders", List.of(Map.of("claim", "sub", "header", "a b")))));
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder().subject("ann").issuer("login").audience(List.of("shop", "other")).expirationTime(Date.from(NOW.plusSeconds(300)));
    }

    private static String token(ECKey signer, JWTClaimsSet claims) throws Exception {
        SignedJWT token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(signer.getKeyID()).build(), claims);
        token.sign(new ECDSASigner(signer));
        return token.serialize();
    }

    private JwtCheck check() throws BadFieldException {
        Keys keys = FileKeys.of(jwks);
        return new JwtCheck(keys, new JwtCheck.Rules(Optional.of("login"), List.of("shop"), Duration.ofSeconds(60)),
                List.of(new JwtCheck.ClaimHeader("sub", "x-user")), Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private static EditedRequest with(String token) {
        return EditedRequest.get("/").with("authorization", "Bearer " + token).with("x-user", "forged");
    }

    private void refused(JwtCheck check, String token, String why) {
        FilterChain.Passage passage = FilterChain.of(check).send(with(token));
        assertThat(passage.response().status()).isEqualTo(401);
        assertThat(passage.response().header("www-authenticate")).contains("error=\"invalid_token\"").contains(why);
        assertThat(passage.request().hasHeader("x-user")).as("what the client claims to be").isFalse();
    }

    @Test
    void aGoodTokenPassesAndItsClaimReplacesTheClientsHeader() throws Exception {
        FilterChain.Passage passage = FilterChain.of(check()).send(with(token(key, claims().build())));
        assertThat(passage.reply()).isEmpty();
        assertThat(passage.request().header("x-user")).isEqualTo("ann");
    }

    @ParameterizedTest(name = "exp {0} s, nbf {1} s from now: [{2}]")
    @CsvSource({"1, -1, ''", "-59, 59, ''", "-61, -300, expired at 2026-03-01T11:58:59Z", "300, 61, not valid before 2026-03-01T12:01:01Z"})
    void timesHoldWithinTheSkew(long expires, long from, String why) throws Exception {
        String token = token(key, claims().expirationTime(Date.from(NOW.plusSeconds(expires))).notBeforeTime(Date.from(NOW.plusSeconds(from))).build());
        if (why.isEmpty()) assertThat(FilterChain.of(check()).send(with(token)).reply()).isEmpty();
        else refused(check(), token, why);
    }

    @Test
    void whatIsWrongIsSaid() throws Exception {
        JwtCheck check = check();
        assertThat(FilterChain.of(check).send(EditedRequest.get("/")).response().header("www-authenticate")).contains("a bearer token is needed");
        refused(check, "abc", "no signed JWT");
        refused(check, token(key, claims().issuer("else").build()), "another issuer");
        refused(check, token(key, claims().audience("else").build()), "another audience");
        refused(check, token(key, claims().expirationTime(null).build()), "no exp");
        refused(check, token(new ECKeyGenerator(Curve.P_256).keyID("k1").generate(), claims().build()), "signature is wrong");
        refused(check, token(new ECKeyGenerator(Curve.P_256).keyID("k2").generate(), claims().build()), "no key for kid k2");
        String good = token(key, claims().build());
        refused(check, good.substring(0, good.indexOf('.') + 1) + "eyJzdWIiOiJldmUifQ" + good.substring(good.lastIndexOf('.')), "signature is wrong");
    }

    /** RFC 8725 §3.1: the public key must not serve as a shared secret, and "none" is no algorithm. */
    @Test
    void symmetricAndAbsentAlgorithmsDoNotCount() throws Exception {
        SignedJWT shared = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("k1").build(), claims().build());
        shared.sign(new MACSigner(key.toECPublicKey().getEncoded()));
        refused(check(), shared.serialize(), "algorithm HS256 does not count");
        refused(check(), "eyJhbGciOiJub25lIn0." + token(key, claims().build()).split("\\.")[1] + ".", "no signed JWT");
    }

    @Test
    void aFileThatChangesIsReadWhenATokenNamesANewKey() throws Exception {
        JwtCheck check = check();
        ECKey next = new ECKeyGenerator(Curve.P_256).keyID("k2").generate();
        refused(check, token(next, claims().build()), "no key for kid k2");
        Files.writeString(jwks, new JWKSet(List.of(key, next)).toString());
        Files.setLastModifiedTime(jwks, java.nio.file.attribute.FileTime.from(Instant.now().plusSeconds(5)));
        assertThat(FilterChain.of(check).send(with(token(next, claims().build()))).reply()).isEmpty();
        Files.writeString(jwks, "{broken");
        Files.setLastModifiedTime(jwks, java.nio.file.attribute.FileTime.from(Instant.now().plusSeconds(9)));
        assertThat(FilterChain.of(check).send(with(token(next, claims().build()))).reply()).as("the last keys").isEmpty();
    }

    /** RFC 7515 §4.1.4: kid is optional; RFC 7517 §4.5: it need not tell keys apart. */
    @Test
    void aTokenWithoutKidMayBeOfAnyKeyAndAReplacedKeyIsFoundUnderItsOldKid() throws Exception {
        ECKey first = new ECKeyGenerator(Curve.P_256).generate();
        ECKey second = new ECKeyGenerator(Curve.P_256).generate();
        Files.writeString(jwks, new JWKSet(List.of(first, second)).toString());
        JwtCheck check = check();
        assertThat(FilterChain.of(check).send(with(token(first, claims().build()))).reply()).isEmpty();
        assertThat(FilterChain.of(check).send(with(token(second, claims().build()))).reply()).isEmpty();
        ECKey third = new ECKeyGenerator(Curve.P_256).generate();
        refused(check, token(third, claims().build()), "signature is wrong");
        Files.writeString(jwks, new JWKSet(third).toString());
        Files.setLastModifiedTime(jwks, java.nio.file.attribute.FileTime.from(Instant.now().plusSeconds(5)));
        assertThat(FilterChain.of(check).send(with(token(third, claims().build()))).reply()).isEmpty();
        refused(check, token(first, claims().build()), "signature is wrong");
        SignedJWT other = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS256).build(), claims().build());
        other.sign(new com.nimbusds.jose.crypto.RSASSASigner(new com.nimbusds.jose.jwk.gen.RSAKeyGenerator(2048).generate()));
        refused(check, other.serialize(), "no key for algorithm RS256");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{}", "{\"keys\":null}", "{\"keys\":[null]}", "{\"keys\":[{}]}", "{\"keys\":{}}", "<html>"})
    void aFileThatBecomesBrokenLeavesTheLastKeys(String broken) throws Exception {
        JwtCheck check = check();
        Files.writeString(jwks, broken);
        Files.setLastModifiedTime(jwks, java.nio.file.attribute.FileTime.from(Instant.now().plusSeconds(5)));
        refused(check, token(new ECKeyGenerator(Curve.P_256).keyID("k2").generate(), claims().build()), "no key for kid k2");
        assertThat(FilterChain.of(check).send(with(token(key, claims().build()))).reply()).isEmpty();
    }

    /** The SDK's way for a kind of one's own: decoded with its place, field and what was expected. */
    @Test
    void aBadResourceIsNamedWithFileAndLineWhenItIsRead() {
        Decoded decoded = new ManifestDecoder(List.of(new JwtCheckDecoder())).decode("shop.yaml", """
                apiVersion: samples.heddle.io/v1
                kind: JwtCheck
                metadata: {name: users, namespace: shop}
                spec:
                  jwks: {url: "https://login.example/jwks", refresh: often}
                """);
        assertThat(decoded.objects()).isEmpty();
        assertThat(decoded.problems()).singleElement().satisfies(problem -> assertThat(problem.toString()).startsWith("shop.yaml:").contains("JwtCheck shop/users", "spec.jwks.refresh", "often"));
    }

    @Test
    void keysComeFromAUrlOnceAndAServerThatIsAwayMeans503() throws Exception {
        AtomicInteger fetches = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/jwks", exchange -> {
            fetches.incrementAndGet();
            byte[] body = new JWKSet(key).toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        String base = "http://127.0.0.1:" + server.getAddress().getPort();
        String token = token(key, claims().expirationTime(Date.from(Instant.now().plusSeconds(60))).build());
        UnaryOperator<String> spec = path -> base + path;
        try (var filter = factory().create(GivenSpec.resource(JwtCheckSpec.TYPE, Map.of("jwks", Map.of("url", spec.apply("/jwks")))))) {
            await(() -> FilterChain.of(filter).send(with(token)).reply().isEmpty());       // the first fetch may be given up on a machine that stands still
            int once = fetches.get();
            for (int i = 0; i < 5; i++) assertThat(FilterChain.of(filter).send(with(token)).reply()).isEmpty();
            assertThat(fetches).hasValue(once);
        }
        try (var filter = factory().create(GivenSpec.resource(JwtCheckSpec.TYPE, Map.of("jwks", Map.of("url", spec.apply("/missing")))))) {
            assertThat(FilterChain.of(filter).send(with(token)).reply().map(FilterAction.Reply::status)).contains(503);
        } finally {
            server.stop(0);
        }
    }

    /** A server that fails is not asked by every request, one that never ends its answer is given up, and either is taken up again. */
    @Test
    void aServerThatFailsOrHangsIsAskedNowAndThenAndTakenUpAgain() throws Exception {
        AtomicInteger fetches = new AtomicInteger();
        AtomicInteger status = new AtomicInteger(500);
        CountDownLatch hanging = new CountDownLatch(1);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(command -> Thread.ofVirtual().start(command));
        server.createContext("/jwks", exchange -> {
            fetches.incrementAndGet();
            byte[] body = new JWKSet(key).toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status.get(), body.length);
            exchange.getResponseBody().write(body, 0, 10);
            exchange.getResponseBody().flush();
            try {
                if (status.get() == 202) hanging.await();
            } catch (InterruptedException stopped) {
                throw new java.io.IOException(stopped);
            }
            exchange.getResponseBody().write(body, 10, body.length - 10);
            exchange.close();
        });
        server.start();
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/jwks");
        try (UrlKeys keys = new UrlKeys(uri, Duration.ofMinutes(5), Duration.ofSeconds(2))) {
            for (int i = 0; i < 100; i++) assertThat(keys.now()).failsWithin(Duration.ofSeconds(20));
            assertThat(fetches.get()).as("of 100 requests").isLessThan(20);
            status.set(202);
            int before = fetches.get();
            await(() -> {
                assertThat(keys.now()).failsWithin(Duration.ofSeconds(20));
                return fetches.get() > before;
            });
            status.set(200);
            await(() -> keys.now().handle((set, fault) -> fault == null).toCompletableFuture().join());
        } finally {
            hanging.countDown();
            server.stop(0);
        }
    }

    private static void await(BooleanSupplier condition) {
        for (long end = System.nanoTime() + 30_000_000_000L; !condition.getAsBoolean(); LockSupport.parkNanos(20_000_000)) assertThat(System.nanoTime()).isLessThan(end);
    }
}
