package heddle.core.internal;

import static heddle.core.internal.TestMesh.endpoints;
import static heddle.core.internal.TestMesh.route;
import static heddle.core.internal.TestMesh.service;
import static heddle.core.internal.TestMesh.workload;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.admin.ExplainQuery;
import heddle.api.admin.Explained;
import heddle.api.policy.FilterAction;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExplainerTest {
    private static final String MESH = service("food/oven", "10.0.0.1", "name: http, port: 80", "name: db, port: 5432, appProtocol: postgres")
            + service("food/v1", "10.0.0.2") + service("food/v2", "10.0.0.3") + endpoints("food/v1", "", 8080, "10.1.0.1")
            + endpoints("food/v2", "", 8080, "10.1.0.2", "10.1.0.3") + workload("food/blender", "default", "app: blender", "10.9.0.1")
            + workload("shop/buyer", "default", "", "10.9.0.2")
            + route("food/canary", "name: oven", "/bake", "{name: v1, port: 80, weight: 90}, {name: v2, port: 80, weight: 10}")
            + route("food/rest", "name: oven", "/fry", "{name: missing, port: 80}")
            + route("shop/mine", "namespace: food, name: oven", "/", "{namespace: food, name: v2, port: 80}");

    private final TestMesh mesh = TestMesh.of(MESH);

    private Explained explain(String from, String url) {
        return new Explainer(mesh.build).explain(new ExplainQuery(from.isEmpty() ? Optional.empty() : Optional.of(from), "GET", url, List.of()));
    }

    @ParameterizedTest(name = "{0} {1} → {2}, {3}")
    @CsvSource(delimiter = '|', value = {
        "food/blender | http://oven/bake/1 | rule 0 of HTTPRoute food/canary → food/v1:80 (90 %), food/v2:80 (10 %) | 0",
        "'' | http://oven.food/bake | rule 0 of HTTPRoute food/canary → food/v1:80 (90 %), food/v2:80 (10 %) | 0",
        "'' | oven.food.svc.cluster.local/bake?x=1 | rule 0 of HTTPRoute food/canary → food/v1:80 (90 %), food/v2:80 (10 %) | 0",
        "'' | http://10.0.0.1:80/bake | rule 0 of HTTPRoute food/canary → food/v1:80 (90 %), food/v2:80 (10 %) | 0",
        "shop/buyer | http://oven.food/bake | rule 0 of HTTPRoute shop/mine → food/v2:80 (100 %) | 0",
        "'' | http://oven.food/nothing | 404 no-route | 404",
        "'' | http://oven.food/fry | rule 0 of HTTPRoute food/rest → food/missing:80 (100 %, 500) | 500",
        "'' | http://oven.food/%zz | 400 bad-request | 400",
        "'' | http://v1.food/ | as if there were no mesh → food/v1:80 (100 %) | 0",
        "'' | http://oven.food:81/ | connection refused: Service food/oven has no port 81 | 0",
        "shop/buyer | http://oven/ | as if there were no mesh: oven is no Service | 0",
        "'' | http://example.com/ | as if there were no mesh: example.com is no Service | 0",
    })
    void oneLineSaysWhatHappens(String from, String url, String outcome, int status) {
        Explained explained = explain(from, url);
        assertThat(explained.outcome()).isEqualTo(outcome);
        assertThat(explained.status()).isEqualTo(status);
    }

    @Test void everyStepNamesItsRule() {
        Explained explained = explain("shop/buyer", "http://oven.food/bake");
        assertThat(explained.set()).isEqualTo("consumer shop");
        assertThat(explained.steps()).extracting(Explained.Step::rule).contains("A1", "P2", "P3", "§3");
        assertThat(explained.backends()).singleElement().satisfies(share -> {
            assertThat(share.percent()).isEqualTo("100 %");
            assertThat(share.endpoints()).containsExactly("10.1.0.2:8080", "10.1.0.3:8080");
        });
    }

    @Test void theWinnerAndEveryLoserAreThere() {
        Explained explained = explain("", "http://oven.food/bake");
        assertThat(explained.candidates()).hasSize(2);
        assertThat(explained.candidates()).filteredOn(Explained.CandidateReport::winner).singleElement()
                .satisfies(winner -> assertThat(winner.candidate()).isEqualTo("HTTPRoute food/canary rule 0 match 0"));
        assertThat(explained.candidates()).filteredOn(each -> !each.winner()).allSatisfy(loser -> assertThat(loser.reason()).isNotEmpty());
    }

    @Test void aPortThatSpeaksNoHttpIsNoted() {
        Explained explained = explain("", "http://oven.food:5432/");
        assertThat(explained.outcome()).startsWith("as if there were no mesh");
        assertThat(explained.notes()).anyMatch(note -> note.contains("food/canary does not apply") && note.contains("postgres"));
    }

    @Test void ignoredHostnamesAreNoted() {
        mesh.apply(MESH.replace("name: canary\n  namespace: food\n  annotations: {}\nspec:", "name: canary\n  namespace: food\nspec:\n  hostnames: [a.b]"));
        assertThat(explain("", "http://oven.food/bake").notes()).anyMatch(note -> note.contains("A11"));
    }

    private static String kind(String kind, String path, String parent, String hostnames, String backend) {
        return route(kind, path, "", "name: " + parent, "- backendRefs: [" + backend + "]").replace("spec:", "spec:" + hostnames)
                .replace(kind.startsWith("GRPC") || kind.startsWith("TLS") ? "never" : "networking.k8s.io/v1\n", "networking.k8s.io/v1alpha2\n");
    }

    /** Every kind, each with its own steps. */
    @ParameterizedTest(name = "{0} → {1}, {2}")
    @CsvSource(delimiter = '|', value = {
        "grpc://calls.food:80/pkg.Oven/Bake | rule 0 of GRPCRoute food/calls → food/v2:80 (100 %) | P2 A12 P7 B11 §3 B11",
        "tcp://stream.food:80 | TCPRoute food/stream → food/v1:80 (100 %) | P2 P3 P7 B1 B11",
        "udp://dns.food:53 | UDPRoute food/dns → food/names:53 (100 %, 503) | P2 P3 P7 B1 B11",
        "tls://sni.food:80 | TLSRoute → food/v1:80 (100 %) | P2 P3 P7 A11 B11",
    })
    void everyKindIsExplained(String url, String outcome, String rules) {
        mesh.apply(MESH, service("food/calls", "10.0.0.11"), service("food/stream", "10.0.0.12"), service("food/dns", "10.0.0.13", "port: 53, protocol: UDP"),
                service("food/names", "10.0.0.14", "port: 53, protocol: UDP"), service("food/sni", "10.0.0.15"),
                kind("GRPCRoute", "food/calls", "calls", "", "{name: v2, port: 80}"), kind("TCPRoute", "food/stream", "stream", "", "{name: v1, port: 80}"),
                kind("UDPRoute", "food/dns", "dns", "", "{name: names, port: 53}"), kind("TLSRoute", "food/sni", "sni", "\n  hostnames: [sni.food]", "{name: v1, port: 80}"));
        Explained explained = explain("", url);
        assertThat(explained.outcome()).isEqualTo(outcome);
        assertThat(explained.steps()).extracting(Explained.Step::rule).containsAll(List.of(rules.replace("A12 ", "").split(" ")));
    }

    @Test void filtersTimeoutsRetriesAndBackendsAreSteps() {
        mesh.parts.filters.add(new CountingParts.Filters("RequestHeaderModifier"), TestMesh.NO_PROPERTIES);
        mesh.apply(MESH, route("HTTPRoute", "food/full", "", "name: oven", """
                - matches: [{path: {value: /full}}]
                    filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: b}]}}]
                    timeouts: {request: 3s, backendRequest: 1s}
                    retry: {codes: [503], attempts: 2}
                    backendRefs:
                    - {name: v1, port: 80, filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: c, value: d}]}}]}"""));
        Explained explained = explain("", "http://oven.food/full");
        assertThat(explained.steps()).extracting(Explained.Step::rule).containsSubsequence("§3", "F2", "T2", "T3", "T4", "F1", "B11");
        assertThat(explained.steps()).anySatisfy(step -> {
            assertThat(step.what()).isEqualTo("backend food/v1:80");
            assertThat(step.because()).contains("HTTP/1.1", "in turn", "1 endpoints ready");
        });
    }

    @Test void headersCount() {
        ExplainQuery query = new ExplainQuery(Optional.empty(), "GET", "http://oven.food/h", List.of(new FilterAction.Field("X-Color", "blue")));
        mesh.apply(MESH + route("HTTPRoute", "food/h", "", "name: oven", "- matches: [{headers: [{name: X-Color, value: blue}]}]\n    backendRefs: [{name: v1, port: 80}]"));
        assertThat(new Explainer(mesh.build).explain(query).outcome()).startsWith("rule 0 of HTTPRoute food/h");
    }
}
