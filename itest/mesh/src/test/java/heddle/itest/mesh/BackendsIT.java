package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SPEC.md B13, T4, T8, T9 and ejection through a real daemon on steer-bind: what manifests say, and what curl then meets.
 *  Service {@code pair} has the endpoints NET.101 and NET.102, {@code weak} NET.103 and nobody at NET.104. */
class BackendsIT {
    private static Field field;
    private static SSLServerSocket secure;
    private static String ca;
    @TempDir static Path dir;

    @BeforeAll
    static void start() throws Exception {
        field = Field.onBind().set("forward.connectTimeout", "30s");        // a busy machine may take a while for TLS
        field.backend("one", 101, "8080");
        field.backend("two", 102, "8080");
        field.backend("weak", 103, "8080");
        field.manifest("backends.yaml", Yaml.workload("shop", "one", 101, "pair") + Yaml.workload("shop", "two", 102, "pair") + Yaml.service("shop", "pair", 11, "8000:8080")
                + Yaml.workload("shop", "weak", 103, "weak") + Yaml.workload("shop", "gone", 104, "weak")
                + Yaml.service("shop", "weak", 12, "8000:8080").replace("namespace: shop}", "namespace: shop, annotations: {heddle.io/outlier.consecutive-failures: '2', heddle.io/outlier.ejection-time: 10m}}")
                + Yaml.workload("shop", "secure", 105, "secure") + Yaml.service("shop", "secure", 13, "8443:8443").replace("targetPort: 8443", "targetPort: 8443, appProtocol: https"));
        field.manifest("front.yaml", Yaml.service("shop", "front", 21, "8000:8080") + Yaml.route("shop", "front", "front", """
                - matches: [{path: {value: /cookie}}]
                  sessionPersistence: {sessionName: cart, absoluteTimeout: 1h}
                  backendRefs: [{name: pair, port: 8000}]
                - matches: [{path: {value: /header}}]
                  sessionPersistence: {sessionName: x-cart, type: Header}
                  backendRefs: [{name: pair, port: 8000}]
                - matches: [{path: {value: /retry}}]
                  retry: {codes: [503], attempts: 2, backoff: 1ms}
                  backendRefs: [{name: pair, port: 8000}]
                - matches: [{path: {value: /weak}}]
                  backendRefs: [{name: weak, port: 8000}]
                - matches: [{path: {value: /limited}}]
                  filters: [{type: ExtensionRef, extensionRef: {group: heddle.io, kind: LocalRateLimit, name: three}}]
                  backendRefs: [{name: pair, port: 8000}]
                - matches: [{path: {value: /secure}}]
                  backendRefs: [{name: secure, port: 8443}]
                """));
        field.manifest("limit.yaml", """
                apiVersion: heddle.io/v1alpha1
                kind: LocalRateLimit
                metadata: {name: three, namespace: shop}
                spec: {requests: 3, period: 1h, by: [{type: Header, name: x-user}]}
                """);
        field.manifest("budget.yaml", """
                apiVersion: gateway.networking.x-k8s.io/v1alpha1
                kind: XBackendTrafficPolicy
                metadata: {name: pair, namespace: shop}
                spec:
                  targetRefs: [{group: "", kind: Service, name: pair}]
                  retryConstraint: {budget: {percent: 0, interval: 10s}, minRetryRate: {count: 4, interval: 1h}}
                """);
        serveTls();
        field.start();
    }

    @AfterAll
    static void end() throws IOException {
        field.close();
        secure.close();
    }

    private static Curl.Reply get(String path, String... args) {
        return Curl.get("http://" + field.host(21) + ":8000" + path, args);
    }

    private static KeyStore keys(String name, String san) throws Exception {
        Path store = dir.resolve(name);
        assertThat(new ProcessBuilder(System.getProperty("java.home") + "/bin/keytool", "-genkeypair", "-alias", "k", "-keyalg", "EC", "-dname", "CN=x", "-ext", "san=" + san,
                "-storetype", "PKCS12", "-storepass", "secret", "-keystore", store.toString()).start().waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "secret".toCharArray());
        }
        return keys;
    }

    private static String pem(KeyStore keys) throws Exception {
        return "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(keys.getCertificate("k").getEncoded()) + "\n-----END CERTIFICATE-----";
    }

    private static void serveTls() throws Exception {
        KeyStore keys = keys("server", "dns:secure.shop,uri:spiffe://mesh/secure");
        ca = pem(keys);
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, "secret".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        secure = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(8443, 50, InetAddress.ofLiteral(field.host(105)));
        Thread.ofVirtual().start(() -> {
            while (!secure.isClosed()) {
                try {
                    SSLSocket client = (SSLSocket) secure.accept();
                    Thread.ofVirtual().start(() -> answer(client));
                } catch (IOException closed) {
                    return;
                }
            }
        });
    }

    private static void answer(SSLSocket client) {
        try (client) {
            InputStream in = client.getInputStream();
            for (int seen = 0, b = in.read(); b >= 0; b = in.read()) {
                seen = seen << 8 | b;
                if (seen == 0x0d0a0d0a) client.getOutputStream().write("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret".getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException refused) {
            // as the wrong authority wants it
        }
    }

    private static String policy(String more) {
        return """
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: BackendTLSPolicy
                metadata: {name: secure, namespace: shop}
                spec:
                  targetRefs: [{group: "", kind: Service, name: secure}]
                  validation: {hostname: secure.shop, caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}]%s}
                """.formatted(more);
    }

    private static String configMap(String text) {
        return "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ca, namespace: shop}\ndata:\n  ca.crt: |\n" + text.indent(4);
    }

    private static void secureIs(int status, String manifests) {
        field.manifest("tls.yaml", manifests);
        Await.until(status + " from the secure backend", Duration.ofSeconds(20), () -> get("/secure").status() == status, field::log);
    }

    /** B13, B11: trusted, then by another authority, then by none that can be read, then by name. */
    @Test
    void b13TlsToABackendByPolicy() throws Exception {
        assertThat(get("/secure").status()).as("appProtocol https without a policy").isEqualTo(500);
        secureIs(200, configMap(ca) + policy(""));
        assertThat(get("/secure").body()).isEqualTo("secret");
        secureIs(503, configMap(pem(keys("other", "dns:secure.shop"))) + policy(""));
        secureIs(500, configMap("no certificate") + policy(""));
        assertThat(get("/secure").body()).startsWith("backend-tls");
        secureIs(200, configMap(ca) + policy(", subjectAltNames: [{type: URI, uri: 'spiffe://mesh/secure'}]"));
        secureIs(503, configMap(ca) + policy(", subjectAltNames: [{type: Hostname, hostname: other.shop}]"));
        assertThat(field.heddle("explain", "GET", "http://front.shop:8000/secure").out()).contains("TLS to shop/secure:8443");
    }

    /** T9 */
    @Test
    void t9ACookieLeadsBackToItsEndpoint() {
        Set<String> met = new TreeSet<>();
        for (int i = 0; i < 20; i++) {
            Curl.Reply first = get("/cookie");
            String cookie = first.header("set-cookie").orElseThrow();
            assertThat(cookie).startsWith("cart=").contains("; Path=/; HttpOnly");
            met.add(first.backend());
            for (int j = 0; j < 3; j++) {
                Curl.Reply again = get("/cookie", "-H", "Cookie: " + cookie.substring(0, cookie.indexOf(';')));
                assertThat(again.backend()).isEqualTo(first.backend());
                assertThat(again.header("set-cookie")).isEmpty();
            }
        }
        assertThat(met).containsExactly("one", "two");
    }

    /** T9 */
    @Test
    void t9AHeaderLeadsBackToItsEndpoint() {
        Curl.Reply first = get("/header");
        String token = first.header("x-cart").orElseThrow();
        for (int i = 0; i < 10; i++) assertThat(get("/header", "-H", "x-cart: " + token).backend()).isEqualTo(first.backend());
        assertThat(get("/header", "-H", "x-cart: 127.0.0.1:22").header("x-cart")).isPresent();
    }

    /** T4, T8: the first four retries are under the floor, no more are; what is refused is 503 with our reason. */
    @Test
    void t8OverTheBudgetNothingIsRetried() {
        List<Curl.Reply> replies = new java.util.ArrayList<>();
        for (int i = 0; i < 6; i++) replies.add(get("/retry?status=503"));
        assertThat(replies).allMatch(reply -> reply.status() == 503);
        assertThat(replies.stream().map(reply -> reply.body().startsWith("retry-budget"))).containsExactly(false, false, true, true, true, true);
        assertThat(get("/retry").status()).isEqualTo(200);
    }

    /** An edit elsewhere resets no limit, and no session. */
    @Test
    void aRateLimitAndASessionOutliveEditsElsewhere() {
        for (int i = 0; i < 3; i++) assertThat(get("/limited", "-H", "x-user: a").status()).isEqualTo(200);
        assertThat(get("/limited", "-H", "x-user: a").status()).isEqualTo(429);
        Curl.Reply session = get("/header");
        for (int i = 1; i <= 3; i++) {
            int answer = 440 + i;
            field.manifest("elsewhere.yaml", Yaml.service("shop", "elsewhere", 22, "8000:8080") + Yaml.route("shop", "elsewhere", "elsewhere", """
                    - filters: [{type: ExtensionRef, extensionRef: {group: heddle.io, kind: FaultInjection, name: answer}}]
                      backendRefs: [{name: pair, port: 8000}]
                    """) + """
                    ---
                    apiVersion: heddle.io/v1alpha1
                    kind: FaultInjection
                    metadata: {name: answer, namespace: shop}
                    spec: {abort: {statusCode: %d, percent: 100}}
                    """.formatted(answer));
            Await.until("the edit", Duration.ofSeconds(20), () -> Curl.get("http://" + field.host(22) + ":8000/").status() == answer, field::log);
            assertThat(get("/limited", "-H", "x-user: a").status()).isEqualTo(429);
            assertThat(get("/header", "-H", "x-cart: " + session.header("x-cart").orElseThrow()).backend()).isEqualTo(session.backend());
        }
        assertThat(get("/limited", "-H", "x-user: b").status()).isEqualTo(200);
    }

    @Test
    void anEndpointThatCannotBeReachedIsEjected() {
        Await.until("only answers", Duration.ofSeconds(20), () -> {
            for (int i = 0; i < 10; i++) if (get("/weak").status() != 200) return false;
            return true;
        }, field::log);
        assertThat(field.heddle("explain", "GET", "http://front.shop:8000/weak").out()).contains("(ejected for ");
        for (int i = 0; i < 20; i++) assertThat(get("/weak").status()).isEqualTo(200);
    }
}
