package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** SPEC.md §5 where several parts take part: filters of backends, order, mirrors, external authorization over both protocols. */
class FiltersIT {
    private static final List<AutoCloseable> OPEN = new CopyOnWriteArrayList<>();
    private static final CountDownLatch SLOW = new CountDownLatch(1);
    private static Field field;
    private static Recorder shadow;
    private static Recorder slow;
    private static Recorder auth;
    private static AuthzServer authz;

    @BeforeAll
    static void start() throws Exception {
        field = Field.onBind().set("forward.appendForwardedFor", "true");
        field.backend("one", 101, "8080");
        field.backend("two", 102, "8080");
        OPEN.add(shadow = new Recorder(field.host(103), 8080, exchange -> 503));
        OPEN.add(slow = new Recorder(field.host(104), 8080, exchange -> {
            SLOW.await();
            return 200;
        }));
        OPEN.add(auth = new Recorder(field.host(105), 8080, exchange -> {
            if (!"Bearer good".equals(exchange.getRequestHeaders().getFirst("authorization"))) return 403;
            exchange.getResponseHeaders().add("x-user", "ann");
            exchange.getResponseHeaders().add("x-secret", "hidden");
            return 200;
        }));
        OPEN.add(authz = new AuthzServer(field.host(106), 8080));
        deaf(field.host(107), 8080);
        StringBuilder services = new StringBuilder();
        int host = 1;
        for (String name : List.of("one", "two", "shadow", "slow", "auth", "authz", "deaf", "dead")) {
            services.append(Yaml.workload("shop", name, 100 + host, name)).append(Yaml.service("shop", name, host++, "8000:8080"));
        }
        field.manifest("services.yaml", services.append(Yaml.service("shop", "front", 31, "8000:8080")).toString());
        field.manifest("routes.yaml", Yaml.route("shop", "front", "front", """
                - matches: [{path: {value: /backends}}]
                  backendRefs:
                  - name: one
                    port: 8000
                    filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-for, value: "one"}]}}]
                  - name: two
                    port: 8000
                    filters: [{type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: x-from, value: "two"}]}}]
                - matches: [{path: {value: /mirror-first}}]
                  filters:
                  - {type: RequestMirror, requestMirror: {backendRef: {name: shadow, port: 8000}}}
                  - {type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /rewritten}}}
                  backendRefs: [{name: one, port: 8000}]
                - matches: [{path: {value: /rewrite-first}}]
                  filters:
                  - {type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /rewritten}}}
                  - {type: RequestMirror, requestMirror: {backendRef: {name: shadow, port: 8000}}}
                  backendRefs: [{name: one, port: 8000}]
                - matches: [{path: {value: /mirror-none}}]
                  filters: [{type: RequestMirror, requestMirror: {backendRef: {name: shadow, port: 8000}, percent: 0}}]
                  backendRefs: [{name: one, port: 8000}]
                - matches: [{path: {value: /mirror-slow}}]
                  filters: [{type: RequestMirror, requestMirror: {backendRef: {name: slow, port: 8000}}}]
                  backendRefs: [{name: one, port: 8000}]
                - matches: [{path: {value: /mirror-deaf}}]
                  filters: [{type: RequestMirror, requestMirror: {backendRef: {name: deaf, port: 8000}}}]
                  backendRefs: [{name: one, port: 8000}]
                - matches: [{path: {value: /mirror-missing}}]
                  filters: [{type: RequestMirror, requestMirror: {backendRef: {name: missing, port: 8000}}}]
                  backendRefs: [{name: one, port: 8000}]
                - matches: [{path: {value: /auth-http}}]
                  filters:
                  - {type: ExternalAuth, externalAuth: {protocol: HTTP, http: {path: /check, allowedResponseHeaders: [x-user]}, backendRef: {name: auth, port: 8000}}}
                  backendRefs: [{name: one, port: 8000}]
                - matches: [{path: {value: /auth-grpc}}]
                  filters:
                  - {type: ExternalAuth, externalAuth: {protocol: GRPC, grpc: {}, backendRef: {name: authz, port: 8000}}}
                  backendRefs: [{name: one, port: 8000}]
                - matches: [{path: {value: /auth-dead}}]
                  filters:
                  - {type: ExternalAuth, externalAuth: {protocol: HTTP, http: {}, backendRef: {name: dead, port: 8000}}}
                  backendRefs: [{name: one, port: 8000}]
                - matches: [{path: {value: /auth-small}}]
                  filters:
                  - {type: ExternalAuth, externalAuth: {protocol: HTTP, http: {}, forwardBody: {maxSize: 100}, backendRef: {name: auth, port: 8000}}}
                  backendRefs: [{name: one, port: 8000}]
                """));
        field.start();
    }

    @AfterAll
    static void end() throws Exception {
        SLOW.countDown();
        field.close();
        for (AutoCloseable each : OPEN) each.close();
    }

    /** Accepts and never reads. */
    private static void deaf(String address, int port) throws IOException {
        ServerSocket server = new ServerSocket();
        server.setReceiveBufferSize(4096);
        server.bind(new java.net.InetSocketAddress(InetAddress.ofLiteral(address), port));
        OPEN.add(server);
        Thread.ofVirtual().start(() -> {
            List<Socket> held = new ArrayList<>();
            try {
                while (true) held.add(server.accept());
            } catch (IOException closed) {
                held.forEach(socket -> {
                    try {
                        socket.close();
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
            }
        });
    }

    private static String url(String path) {
        return "http://" + field.host(31) + ":8000" + path;
    }

    /** SPEC.md F1 */
    @Test
    void filtersOfABackendRunOnlyWhenItIsPicked() {
        Map<String, Integer> seen = new TreeMap<>();
        for (int i = 0; i < 10; i++) {
            Curl.Reply reply = Curl.get(url("/backends"));
            seen.merge(reply.backend() + " " + reply.received("x-for").orElse("-") + " " + reply.header("x-from").orElse("-"), 1, Integer::sum);
        }
        assertThat(seen).containsOnlyKeys("one one -", "two - two");
    }

    /** SPEC.md F2: what stands before a rewrite sees the path as it came. */
    @Test
    void filtersRunInListOrder() {
        assertThat(Curl.get(url("/mirror-first/x?n=1")).fact("request")).hasValue("GET /rewritten/x?n=1 HTTP/1.1");
        assertThat(Curl.get(url("/rewrite-first/x?n=2")).fact("request")).hasValue("GET /rewritten/x?n=2 HTTP/1.1");
        Await.until("both mirrors", Field.READY, () -> shadowed("n=1") + shadowed("n=2") == 2);
        assertThat(shadow.requests).anyMatch(each -> each.startsWith("GET /mirror-first/x?n=1\n")).anyMatch(each -> each.startsWith("GET /rewritten/x?n=2\n"));
    }

    private static long shadowed(String part) {
        return shadow.requests.stream().filter(each -> each.contains(part)).count();
    }

    /** SPEC.md F10: one mirrored request for each, its 503 ignored; 0 % is none. */
    @Test
    void aMirrorGetsEachRequestOnceAndItsAnswerIsIgnored() {
        for (int i = 0; i < 5; i++) {
            assertThat(Curl.get(url("/mirror-first/once"), "-d", "hello", "-H", "x-a: b").status()).isEqualTo(200);
            assertThat(Curl.get(url("/mirror-none/never")).status()).isEqualTo(200);
        }
        Await.until("the mirrors", Field.READY, () -> shadowed("/once") >= 5);
        assertThat(shadowed("/once")).isEqualTo(5);
        assertThat(shadowed("/never")).isZero();
        assertThat(shadow.requests).filteredOn(each -> each.contains("/once")).allSatisfy(each -> assertThat(each).startsWith("POST ").contains("x-a: b", "bytes=5"));
        assertThat(Curl.get(url("/mirror-missing")).status()).isEqualTo(200);
    }

    /** SPEC.md F10: the main requests are answered while the mirror's answers hang. */
    @Test
    void aMirrorThatHangsSlowsNobody() {
        for (int i = 0; i < 20; i++) assertThat(Curl.get(url("/mirror-slow"), "-m", "10").status()).isEqualTo(200);
        Await.until("the mirrors", Field.READY, () -> slow.requests.size() == 20);
        assertThat(SLOW.getCount()).as("none of them has answered").isEqualTo(1);
    }

    /** SPEC.md F10: a mirror that falls behind by 1 MiB is cut and counted; the request goes on. */
    @Test
    void aMirrorThatDoesNotReadIsCutAndCounted() throws IOException {
        Path big = Files.createTempFile(field.folder(), "big", "");
        Files.write(big, new byte[16 << 20]);
        long before = counter("mirrors_cut");
        Curl.Reply reply = Curl.get(url("/mirror-deaf"), "--data-binary", "@" + big, "-H", "expect:", "-H", "content-type: application/octet-stream");
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.fact("bytes")).hasValue(Integer.toString(16 << 20));
        Await.until("the cut to be counted", Duration.ofSeconds(30), () -> counter("mirrors_cut") == before + 1);
    }

    private static long counter(String name) {
        Matcher value = Pattern.compile("\"" + name + "\": (\\d+)").matcher(field.heddle("status", "-o", "json").out());
        return value.find() ? Long.parseLong(value.group(1)) : -1;
    }

    /** SPEC.md F12, HTTP: only 200 lets in; what it may add is added. */
    @Test
    void httpAuthorizationDecides() {
        Curl.Reply in = Curl.get(url("/auth-http/door?x=1"), "-H", "authorization: Bearer good", "-H", "x-other: 1");
        assertThat(in.status()).isEqualTo(200);
        assertThat(in.received("x-user")).hasValue("ann");
        assertThat(in.received("x-secret")).isEmpty();
        assertThat(auth.requests).anySatisfy(each -> assertThat(each).startsWith("GET /check/auth-http/door?x=1\n").contains("host: ", "authorization: Bearer good").doesNotContain("x-other"));
        Curl.Reply out = Curl.get(url("/auth-http/door"), "-H", "authorization: Bearer bad");
        assertThat(out.status()).isEqualTo(403);
        assertThat(out.backend()).isEqualTo("none");
    }

    /** SPEC.md F12, Envoy's gRPC protocol, with a server of grpc-java. */
    @Test
    void grpcAuthorizationDecides() {
        // the server's first call loads half of grpc-java: on a busy machine longer than the 5 s after which the answer is a refusal
        Await.until("an authorization server that answers in time", Duration.ofSeconds(60), () -> Curl.get(url("/auth-grpc/first"), "-H", "authorization: Bearer good").status() != 403);
        Curl.Reply in = Curl.get(url("/auth-grpc/door"), "-H", "authorization: Bearer good");
        assertThat(in.status()).isEqualTo(200);
        assertThat(in.received("x-user")).hasValue("ann");
        assertThat(authz.asked).anySatisfy(each -> assertThat(each).contains("/auth-grpc/door", "GET", "Bearer good"));
        Curl.Reply out = Curl.get(url("/auth-grpc/door"));
        assertThat(out.status()).isEqualTo(401);
        assertThat(out.body()).isEqualTo("who are you");
    }

    /** SPEC.md F12 */
    @Test
    void authorizationThatCannotBeAskedIsARefusal() {
        Curl.Reply reply = Curl.get(url("/auth-dead"), "-H", "authorization: Bearer good");
        assertThat(reply.status()).isEqualTo(403);
        assertThat(reply.backend()).isEqualTo("none");
    }

    /** SPEC.md F12: a body over maxSize is 413. */
    @Test
    void aBodyOverTheLimitOfAuthorizationIsRefused() {
        assertThat(Curl.get(url("/auth-small"), "-H", "authorization: Bearer good", "-d", "x".repeat(100)).status()).isEqualTo(200);
        assertThat(Curl.get(url("/auth-small"), "-H", "authorization: Bearer good", "-d", "x".repeat(101)).status()).isEqualTo(413);
    }

    /** SPEC.md, forwarded headers: this field has it switched on; {@link RoutingIT} and {@link HttpIT} have not. */
    @Test
    void forwardedForIsAppendedWhereSwitchedOn() {
        assertThat(Curl.get(url("/backends"), "-H", "x-forwarded-for: 1.2.3.4").received("x-forwarded-for").orElse("")).matches("1\\.2\\.3\\.4, ?127\\.[0-9.]+");
    }
}
