package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SPEC.md §1 to §7 through a real daemon on steer-bind, real backends and curl. Services are NET.n:8000, backends NET.100+n:8080. */
class RoutingIT {
    private static Field field;

    @BeforeAll
    static void start() {
        field = Field.onBind();
        for (String name : List.of("one", "two", "three")) {
            int host = 101 + List.of("one", "two", "three").indexOf(name);
            field.backend(name, host, "8080");
            field.manifest("backend-" + name + ".yaml", Yaml.workload("shop", name, host, name) + Yaml.service("shop", name, host - 90, "8000:8080"));
        }
        field.backend("mail", 104, "8025/greets");
        field.manifest("mail.yaml", Yaml.workload("shop", "mail", 104, "mail") + Yaml.service("shop", "mail", 14, "8000:8025"));
        field.manifest("clients.yaml", Yaml.workload("fast", "shopper", 121, "shopper") + Yaml.workload("shop", "blender", 122, "blender")
                + Yaml.workload("shop", "mixer", 123, "mixer") + Yaml.workload("other", "guest", 124, "guest"));
        matching();
        policies();
        failures();
        sets();
        field.start();
    }

    @AfterAll
    static void end() {
        field.close();
    }

    private static void service(int host, String name) {
        field.manifest("service-" + name + ".yaml", Yaml.service("shop", name, host, "8000:8080", "8001:8080"));
    }

    private static void matching() {
        service(21, "matching");
        field.manifest("route-matching.yaml", Yaml.route("shop", "matching", "matching", """
                - matches: [{path: {type: PathPrefix, value: /cart}}]
                  backendRefs: [{name: one, port: 8000}]
                - matches: [{path: {type: Exact, value: /cart/exact}}]
                  backendRefs: [{name: two, port: 8000}]
                - matches: [{path: {type: PathPrefix, value: /cart}, headers: [{name: x-new, value: "yes"}]}]
                  backendRefs: [{name: two, port: 8000}]
                - matches: [{path: {type: PathPrefix, value: /cart}, queryParams: [{name: new, value: "yes"}]}]
                  backendRefs: [{name: three, port: 8000}]
                - matches: [{path: {type: PathPrefix, value: /cart}, method: POST}]
                  backendRefs: [{name: three, port: 8000}]
                - matches: [{path: {type: RegularExpression, value: "/[a-z]+/v[0-9]"}}]
                  backendRefs: [{name: two, port: 8000}]
                """));
        service(22, "ports");
        field.manifest("route-ports.yaml", Yaml.route("shop", "ports", "ports", """
                - backendRefs: [{name: one, port: 8000}]
                """).replace("namespace: shop}\n  rules", "namespace: shop, port: 8000}\n  rules"));
        field.manifest("workload-ports.yaml", Yaml.workload("shop", "ports", 102, "ports"));
    }

    private static void policies() {
        service(31, "policies");
        field.manifest("route-policies.yaml", Yaml.route("shop", "policies", "policies", """
                - matches: [{path: {value: /redirect}}]
                  filters:
                  - type: RequestRedirect
                    requestRedirect: {statusCode: 301, path: {type: ReplacePrefixMatch, replacePrefixMatch: /moved}}
                - matches: [{path: {value: /rewrite}}]
                  filters:
                  - type: URLRewrite
                    urlRewrite: {hostname: inner.example, path: {type: ReplacePrefixMatch, replacePrefixMatch: /inside}}
                  backendRefs: [{name: one, port: 8000}]
                - matches: [{path: {value: /headers}}]
                  filters:
                  - type: RequestHeaderModifier
                    requestHeaderModifier: {set: [{name: x-set, value: "1"}], add: [{name: x-add, value: b}], remove: [x-remove]}
                  - type: ResponseHeaderModifier
                    responseHeaderModifier: {set: [{name: x-set, value: "2"}], add: [{name: x-old, value: new}], remove: [x-backend]}
                  backendRefs: [{name: one, port: 8000}]
                - matches: [{path: {value: /timeout}}]
                  timeouts: {request: 2s}
                  backendRefs: [{name: one, port: 8000}]
                - matches: [{path: {value: /backend-timeout}}]
                  timeouts: {request: 30s, backendRequest: 2s}
                  backendRefs: [{name: one, port: 8000}]
                - matches: [{path: {value: /split}}]
                  backendRefs: [{name: one, port: 8000, weight: 3}, {name: two, port: 8000, weight: 1}, {name: three, port: 8000, weight: 0}]
                - matches: [{path: {value: /plain}}]
                  backendRefs: [{name: one, port: 8000}]
                """));
    }

    private static void failures() {
        service(41, "failures");
        field.manifest("route-failures.yaml", Yaml.route("shop", "failures", "failures", """
                - matches: [{path: {value: /none}}]
                - matches: [{path: {value: /absent}}]
                  backendRefs: [{name: absent, port: 8000}]
                - matches: [{path: {value: /half}}]
                  backendRefs: [{name: absent, port: 8000}, {name: one, port: 8000}]
                - matches: [{path: {value: /zero}}]
                  backendRefs: [{name: one, port: 8000, weight: 0}]
                - matches: [{path: {value: /empty}}]
                  backendRefs: [{name: empty, port: 8000}]
                - matches: [{path: {value: /dead}}]
                  backendRefs: [{name: dead, port: 8000}]
                - matches: [{path: {value: /break}}]
                  backendRefs: [{name: one, port: 8000}]
                """));
        field.manifest("failing.yaml", Yaml.service("shop", "empty", 42, "8000:8080") + Yaml.service("shop", "dead", 43, "8000:8080")
                + Yaml.workload("shop", "dead", 143, "dead"));
    }

    private static void sets() {
        service(51, "sets");
        field.manifest("route-sets.yaml", Yaml.route("shop", "producer", "sets", """
                - matches: [{path: {value: /producer}}]
                  backendRefs: [{name: one, port: 8000}]
                """) + Yaml.route("fast", "consumer", "shop", "sets", "", """
                - matches: [{path: {value: /consumer}}]
                  backendRefs: [{name: two, namespace: shop, port: 8000}]
                """) + Yaml.route("shop", "for-blender", "shop", "sets", "heddle.io/client-service-account: blender", """
                - matches: [{path: {value: /blend}}]
                  timeouts: {request: 150ms}
                  backendRefs: [{name: three, port: 8000}]
                """) + Yaml.route("shop", "for-mixer", "shop", "sets", "heddle.io/client-selector: \"app in (mixer)\"", """
                - matches: [{path: {value: /blend}}]
                  timeouts: {request: 30s}
                  backendRefs: [{name: three, port: 8000}]
                """));
    }

    private static String url(int host, String path) {
        return "http://" + field.host(host) + ":8000" + path;
    }

    /** SPEC.md A12 */
    @Test
    void aServiceWithoutRoutesIsRelayedAsIfThereWereNoMesh() {
        Curl.Reply reply = Curl.get(url(11, "/anything?x=1"));
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.fact("request")).hasValue("GET /anything?x=1 HTTP/1.1");
        assertThat(reply.received("x-request-id")).isEmpty();
        assertThat(reply.header("server")).isEmpty();
    }

    @Test
    void aServerThatSpeaksFirstIsRelayedAtOnce() throws Exception {
        try (var socket = new java.net.Socket(field.host(14), 8000)) {
            socket.setSoTimeout(30_000);
            var lines = new java.io.BufferedReader(new java.io.InputStreamReader(socket.getInputStream()));
            assertThat(lines.readLine()).isEqualTo("220 mail greets you");
            socket.getOutputStream().write("HELO\n".getBytes());
            assertThat(lines.readLine()).isEqualTo("HELO");
        }
    }

    /** SPEC.md §3 and §4 */
    @ParameterizedTest(name = "{0} {1} → {3}")
    @CsvSource({"GET, /cart, '', one", "GET, /cart/, '', one", "GET, /cart/7, '', one", "GET, /cart/exact, '', two", "GET, /cart, x-new: yes, two",
            "GET, /cart?new=yes, '', three", "POST, /cart, '', three", "GET, /cat/v2, '', two", "POST, /cart, x-new: yes, three", "GET, /x/../cart, '', one"})
    void requestsGoWhereTheMostSpecificMatchSays(String method, String path, String header, String backend) {
        assertThat(Curl.get(url(21, path), "-X", method, "-H", header.isEmpty() ? "x-none: 1" : header).backend()).isEqualTo(backend);
    }

    /** SPEC.md A12, default failure codes, further decisions (response made by the data plane itself) */
    @ParameterizedTest
    @CsvSource({"/", "/cartoon", "/Cart", "/cat/v2/x"})
    void whatMatchesNothingIs404(String path) {
        Curl.Reply reply = Curl.get(url(21, path));
        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.header("server")).hasValue("heddle");
        assertThat(reply.body()).startsWith("no-route");
    }

    /** SPEC.md A4 */
    @Test
    void aRouteForOnePortLeavesTheOthersAlone() {
        assertThat(Curl.get(url(22, "/x")).backend()).isEqualTo("one");
        assertThat(Curl.get("http://" + field.host(22) + ":8001/x").backend()).isEqualTo("two");
    }

    /** SPEC.md F7, F8 */
    @Test
    void redirectAnswersWithLocation() {
        Curl.Reply reply = Curl.get(url(31, "/redirect/a?q=1"));
        assertThat(reply.status()).isEqualTo(301);
        assertThat(reply.header("location")).hasValue("http://" + field.host(31) + ":8000/moved/a?q=1");
    }

    /** SPEC.md F7, F9 */
    @Test
    void rewriteChangesPathAndHost() {
        Curl.Reply reply = Curl.get(url(31, "/rewrite/a?q=1"));
        assertThat(reply.fact("request")).hasValue("GET /inside/a?q=1 HTTP/1.1");
        assertThat(reply.received("host")).hasValue("inner.example");
    }

    /** SPEC.md F6 */
    @Test
    void headerModifiersSetAddRemoveBothWays() {
        Curl.Reply reply = Curl.get(url(31, "/headers"), "-H", "x-set: 0", "-H", "x-add: a", "-H", "X-Remove: gone");
        assertThat(reply.received("x-set")).hasValue("1");
        assertThat(reply.body().lines().filter(line -> line.startsWith("x-add:")).collect(Collectors.joining(","))).contains("a").contains("b");
        assertThat(reply.received("x-remove")).isEmpty();
        assertThat(reply.header("x-set")).hasValue("2");
        assertThat(reply.head().lines().filter(line -> line.toLowerCase().startsWith("x-old:")).collect(Collectors.joining(","))).contains("old").contains("new");
        assertThat(reply.header("x-backend")).isEmpty();
    }

    /** SPEC.md T2 */
    @ParameterizedTest
    @CsvSource({"/timeout", "/backend-timeout"})
    void aTimeoutIs504(String path) {
        assertThat(Curl.get(url(31, path + "?wait=8000")).status()).isEqualTo(504);
        Await.until("an answer that came in time", Field.READY, () -> Curl.get(url(31, path + "?wait=1")).status() == 200);
    }

    /** SPEC.md B1 */
    @Test
    void weightsSplitRequestsAndZeroIsNone() {
        Command.Result result = Curl.raw(List.of(), Duration.ofSeconds(60), "-s", url(31, "/split?[1-400]"));
        long one = result.out().lines().filter("backend=one"::equals).count();
        long two = result.out().lines().filter("backend=two"::equals).count();
        assertThat(one + two).isEqualTo(400);
        assertThat(one).isBetween(250L, 350L);
    }

    /** SPEC.md B2, B3, B5, B6 and the default failure codes */
    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource({"/none, 500", "/absent, 500", "/zero, 500", "/empty, 503", "/dead, 503", "/break?break=head, 502"})
    void failuresHaveTheirCodes(String path, int status) {
        Curl.Reply reply = Curl.get(url(41, path));
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.header("server")).hasValue("heddle");
    }

    /** SPEC.md B4 */
    @Test
    void anInvalidBackendKeepsItsShare() {
        String codes = Curl.raw(List.of(), Duration.ofSeconds(60), "-s", "-o", "/dev/null", "-w", "%{http_code}\n", url(41, "/half?[1-200]")).out();
        assertThat(codes.lines().filter("500"::equals).count()).isBetween(60L, 140L);
        assertThat(codes.lines().filter("200"::equals).count()).isBetween(60L, 140L);
    }

    /** SPEC.md, default failure codes: after the head the message is broken off */
    @Test
    void aBackendThatBreaksOffInTheBodyBreaksTheMessage() {
        Curl.Reply reply = Curl.get(url(41, "/break?break=body"));
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.exit()).isIn(18, 56);
    }

    /** SPEC.md P1 to P3 */
    @ParameterizedTest(name = "client NET.{0} {1} → {2}")
    @CsvSource({"124, /producer, one", "124, /consumer, none", "121, /consumer, two", "121, /producer, none"})
    void consumerSetsReplaceTheProducerSet(int client, String path, String backend) {
        Curl.Reply reply = Curl.get(url(51, path), "--interface", field.host(client));
        assertThat(reply.backend()).isEqualTo(backend);
        assertThat(reply.status()).isEqualTo(backend.equals("none") ? 404 : 200);
    }

    /** SPEC.md, per-workload routes */
    @ParameterizedTest(name = "client NET.{0} {1} → {2}")
    @CsvSource({"122, /blend?wait=600, 504", "123, /blend?wait=600, 200", "122, /producer, 404", "123, /producer, 404", "124, /blend, 404"})
    void selectedRoutesTellClientsOfOneNamespaceApart(int client, String path, int status) {
        assertThat(Curl.get(url(51, path), "--interface", field.host(client)).status()).isEqualTo(status);
    }

    @Test
    void aClientWithoutAWorkloadGetsTheProducerSet() {
        assertThat(Curl.get(url(51, "/producer")).backend()).isEqualTo("one");
    }
}
