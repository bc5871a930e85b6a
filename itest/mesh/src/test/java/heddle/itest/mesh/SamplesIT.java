package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The samples of the SDK in a running daemon, put there by {@code heddle deploy} or into the folder, and what requests see of them. */
class SamplesIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Path SAMPLES = Path.of("../../plugins-sdk/samples").toAbsolutePath().normalize();
    private static Field field;
    private static HttpServer routes;
    private static volatile String offered = "";
    private static KeyPair key;

    @BeforeAll
    static void start() throws IOException, GeneralSecurityException {
        field = Field.onBind();
        routes = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4);
        routes.createContext("/routes.yaml", exchange -> {
            byte[] body = offered.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        routes.start();
        KeyPairGenerator keys = KeyPairGenerator.getInstance("EC");
        keys.initialize(new ECGenParameterSpec("secp256r1"));
        key = keys.generateKeyPair();
        field.set("plugins.settings", "heddle.sample.http:url=http://127.0.0.1:" + routes.getAddress().getPort() + "/routes.yaml,heddle.sample.http:seconds=1");
        field.backend("one", 101, "8080");
        field.backend("two", 102, "8080");
        field.manifest("shop.yaml", Yaml.workload("shop", "one", 101, "one") + Yaml.workload("shop", "two", 102, "two") + Yaml.service("shop", "one", 11, "8000:8080")
                + Yaml.service("shop", "two", 12, "8000:8080"));
        field.start();
    }

    @AfterAll
    static void end() {
        routes.stop(0);
        field.close();
    }

    private static Path sample(String name) {
        return SAMPLES.resolve(name + "/target/heddle-sample-" + name + ".jar");
    }

    private static Curl.Reply get(int host, String... args) {
        return Curl.get("http://" + field.host(host) + ":8000/", args);
    }

    private static void await(String what, int host, int status, String... args) {
        Await.until(what, LIMIT, () -> get(host, args).status() == status, () -> get(host, args) + "\n" + field.log());
    }

    @Test
    void theJwtCheckAsksForAToken() throws Exception {
        Path jwks = Files.writeString(field.folder().resolve("jwks.json"), jwks());
        field.manifest("jwt.yaml", Yaml.service("shop", "guarded", 21, "8000:8080").replace("app: guarded", "app: one") + """
                ---
                apiVersion: samples.heddle.io/v1
                kind: JwtCheck
                metadata: {name: users, namespace: shop}
                spec: {issuer: login, audiences: [shop], jwks: {file: %s}, claimToHeaders: [{claim: sub, header: x-user}]}
                """.formatted(jwks) + Yaml.route("shop", "guarded", "guarded", """
                - filters: [{type: ExtensionRef, extensionRef: {group: samples.heddle.io, kind: JwtCheck, name: users}}]
                  backendRefs: [{name: guarded, port: 8000}]
                """));
        await("the route, whose filter nobody offers", 21, 500);
        Command.Result deployed = field.heddle("deploy", sample("jwt").toString());
        assertThat(deployed.status()).as(deployed.toString()).isZero();
        await("the question for a token", 21, 401);
        assertThat(get(21, "-H", "Authorization: Bearer " + token("ann", "elsewhere")).status()).isEqualTo(401);
        Curl.Reply reply = get(21, "-H", "Authorization: Bearer " + token("ann", "login"));
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        assertThat(reply.received("x-user")).hasValue("ann");
    }

    @Test
    void theTenantMatchRanksItsRuleAndExplainNamesIt() {
        field.manifest("tenant.yaml", Yaml.service("shop", "tenants", 22, "8000:8080").replace("app: tenants", "app: one") + """
                ---
                apiVersion: samples.heddle.io/v1
                kind: TenantMatch
                metadata: {name: gold, namespace: shop}
                spec: {tenants: {in: [acme], from: {header: x-tenant}}, regions: {in: [eu-west], from: {header: x-region}}}
                """ + Yaml.route("shop", "tenants", "shop", "tenants", "heddle.io/match.gold: TenantMatch.samples.heddle.io/gold", """
                - name: plain
                  backendRefs: [{name: one, port: 8000}]
                - name: gold
                  matches: [{headers: [{name: x-tenant, value: acme}]}]
                  backendRefs: [{name: two, port: 8000}]
                """));
        String[] gold = {"-H", "x-tenant: acme", "-H", "x-region: eu-west"};
        await("a rule whose match nobody offers", 22, 500, gold);
        assertThat(get(22).backend()).as("other rules go on").isEqualTo("one");
        String[] explain = {"explain", "GET", "http://tenants.shop:8000/", "-H", "x-tenant: acme", "-H", "x-region: eu-west"};
        assertThat(field.heddle(explain).out()).contains("500").contains("no match of type samples.heddle.io/TenantMatch is installed");
        Command.Result deployed = field.heddle("deploy", sample("tenant").toString());
        assertThat(deployed.status()).as(deployed.toString()).isZero();
        Await.until("the rule with its match", LIMIT, () -> get(22, gold).backend().equals("two"), field::log);
        assertThat(get(22, "-H", "x-tenant: acme", "-H", "x-region: us-east").backend()).isEqualTo("one");
        assertThat(field.heddle(explain).out()).contains("* HTTPRoute shop/tenants rule 1 match 0: wins, TenantMatch.samples.heddle.io/gold holds");
        assertThat(field.heddle("explain", "GET", "http://tenants.shop:8000/", "-H", "x-tenant: acme").out()).contains("TenantMatch.samples.heddle.io/gold does not hold");
        Command.Result again = field.heddle("swap", "heddle.sample.tenant", sample("tenant").toString());
        assertThat(again.status()).as("the same version in the same file: " + again).isZero();
        assertThat(again.out()).contains("swapped heddle.sample.tenant", " 0 requests failed");
        assertThat(get(22, gold).backend()).isEqualTo("two");
        assertThat(field.heddle("undeploy", "heddle.sample.tenant").status()).isZero();
        await("the rule without its match", 22, 500, gold);
    }

    @Test
    void maglevKeepsAKeyAtItsEndpoint() throws IOException {
        field.manifest("maglev.yaml", Yaml.service("shop", "spread", 23, "8000:8080").replace("namespace: shop}", "namespace: shop, annotations: {heddle.io/load-balancer: maglev, 'heddle.io/maglev-key': 'header:x-key'}}")
                .replace("app: spread", "pool: spread") + Yaml.workload("shop", "three", 101, "three").replace("app: three", "pool: spread") + Yaml.workload("shop", "four", 102, "four").replace("app: four", "pool: spread")
                + Yaml.route("shop", "spread", "spread", "- backendRefs: [{name: spread, port: 8000}]\n"));
        Path plugins = field.folder().resolve("state/plugins");
        Files.copy(sample("maglev"), plugins.resolve(".maglev.jar"));
        Files.move(plugins.resolve(".maglev.jar"), plugins.resolve("maglev.jar"), StandardCopyOption.ATOMIC_MOVE);
        Await.until("the plugin", LIMIT, () -> field.heddle("plugins").out().contains("heddle.sample.maglev"), field::log);
        await("the route", 23, 200, "-H", "x-key: 0");
        Map<String, String> first = new TreeMap<>();
        for (int k = 0; k < 20; k++) first.put("k" + k, get(23, "-H", "x-key: k" + k).backend());
        assertThat(first.values()).contains("one", "two");
        for (int k = 0; k < 20; k++) assertThat(get(23, "-H", "x-key: k" + k).backend()).isEqualTo(first.get("k" + k));
    }

    @Test
    void routesThatAServerGivesAreInForce() {
        field.manifest("far.yaml", Yaml.service("shop", "far", 24, "8000:8080").replace("app: far", "app: one"));
        String route = Yaml.route("shop", "far", "far", "- backendRefs: [{name: BACKEND, port: 8000}]\n");
        offered = route.replace("BACKEND", "one");
        Command.Result deployed = field.heddle("deploy", sample("http-source").toString());
        assertThat(deployed.status()).as(deployed.toString()).isZero();
        Await.until("the route", LIMIT, () -> get(24).backend().equals("one"), field::log);
        offered = route.replace("BACKEND", "two");
        Await.until("the other route", LIMIT, () -> get(24).backend().equals("two"), field::log);
    }

    private static String jwks() {
        ECPublicKey open = (ECPublicKey) key.getPublic();
        return "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"k1\",\"x\":\"" + text(open.getW().getAffineX()) + "\",\"y\":\"" + text(open.getW().getAffineY()) + "\"}]}";
    }

    private static String text(BigInteger coordinate) {
        byte[] bytes = new byte[32];
        for (int i = 0; i < 32; i++) bytes[31 - i] = coordinate.shiftRight(8 * i).byteValue();
        return url(bytes);
    }

    private static String token(String subject, String issuer) throws GeneralSecurityException {
        String signed = url("{\"alg\":\"ES256\",\"kid\":\"k1\"}".getBytes(StandardCharsets.UTF_8)) + "."
                + url(("{\"sub\":\"" + subject + "\",\"iss\":\"" + issuer + "\",\"aud\":\"shop\",\"exp\":" + (Instant.now().getEpochSecond() + 600) + "}").getBytes(StandardCharsets.UTF_8));
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initSign(key.getPrivate());
        signature.update(signed.getBytes(StandardCharsets.US_ASCII));
        return signed + "." + url(signature.sign());
    }

    private static String url(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
