package heddle.core.internal;

import static heddle.core.internal.TestMesh.endpoints;
import static heddle.core.internal.TestMesh.route;
import static heddle.core.internal.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.plan.BackendPlan;
import heddle.api.plan.RulePlan;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SPEC.md §6. */
class BackendRefTest {
    private static final String SERVICES = service("food/oven", "10.0.0.1") + service("food/a", "10.0.0.2") + service("food/b", "10.0.0.3")
            + service("other/x", "10.0.0.4") + service("food/udp", "10.0.0.5", "port: 80, protocol: UDP");

    private static TestMesh refs(String backendRefs) {
        return TestMesh.of(SERVICES, route("HTTPRoute", "food/r", "", "name: oven", "- backendRefs: [" + backendRefs + "]"));
    }

    private static Map<String, Integer> counts(RulePlan rule, int requests) {
        Map<String, Integer> counts = new TreeMap<>();
        for (int i = 0; i < requests; i++) counts.merge(TestMesh.text(rule.split()), 1, Integer::sum);
        return counts;
    }

    /** B1 */
    @Test void sharesFollowTheWeights() {
        Map<String, Integer> counts = counts(refs("{name: a, port: 80, weight: 9}, {name: b, port: 80}").rule("", "food/oven", 80, "/"), 1000);
        assertThat(counts.get("food/a:80")).isBetween(897, 903);
        assertThat(counts.get("food/a:80") + counts.get("food/b:80")).isEqualTo(1000);
    }

    /** B1 */
    @Test void weightZeroGetsNothing() {
        assertThat(counts(refs("{name: a, port: 80, weight: 0}, {name: b, port: 80}").rule("", "food/oven", 80, "/"), 100)).containsOnlyKeys("food/b:80");
    }

    /** B2 */
    @Test void allWeightsZeroIs500() {
        assertThat(refs("{name: a, port: 80, weight: 0}, {name: b, port: 80, weight: 0}").send("", "food/oven", 80, "/")).isEqualTo("500 no-backend");
    }

    /** B3: CT httproute-omitted-backendrefs */
    @Test void noBackendRefsIs500AndRefsStayResolved() {
        TestMesh mesh = TestMesh.of(SERVICES, route("HTTPRoute", "food/r", "", "name: oven", "- matches: [{path: {type: PathPrefix, value: /}}]"));
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("500 no-backend");
        assertThat(mesh.condition("HTTPRoute food/r", "ResolvedRefs")).isEqualTo("True ResolvedRefs");
        assertThat(mesh.condition("HTTPRoute food/r", "Accepted")).isEqualTo("True Accepted");
    }

    /** B4: kuma#18072 */
    @Test void anInvalidBackendKeepsItsShare() {
        Map<String, Integer> counts = counts(refs("{name: a, port: 80}, {name: missing, port: 80}, {name: b, port: 80, weight: 2}").rule("", "food/oven", 80, "/"), 1000);
        assertThat(counts.get("500 invalid-backend")).isBetween(246, 254);
        assertThat(counts.get("food/a:80")).isBetween(246, 254);
        assertThat(counts.get("food/b:80")).isBetween(496, 504);
    }

    /** A8, B12, B14 too: a kind that the mesh does not have is no backend, and nothing stands in for it. */
    @ParameterizedTest(name = "B5: {0} → {1}")
    @CsvSource(delimiter = '|', value = {
        "{name: missing, port: 80} | BackendNotFound",
        "{name: a, port: 81} | BackendNotFound",
        "{name: udp, port: 80} | UnsupportedProtocol",
        "{group: acme.io, kind: Bucket, name: a} | InvalidKind",
        "{group: multicluster.x-k8s.io, kind: ServiceImport, name: a, port: 80} | InvalidKind",
        "{group: gateway.networking.x-k8s.io, kind: XBackend, name: a, port: 80} | InvalidKind",
        "{group: core, kind: Service, name: a, port: 80} | InvalidKind",
    })
    void anInvalidReferenceSaysWhy(String ref, String reason) {
        TestMesh mesh = refs(ref);
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("500 invalid-backend");
        assertThat(mesh.condition("HTTPRoute food/r", "ResolvedRefs")).isEqualTo("False " + reason);
        assertThat(mesh.condition("HTTPRoute food/r", "Accepted")).isEqualTo("True Accepted");
    }

    /** B7: the share of an invalid backend is UNAVAILABLE to gRPC callers. */
    @Test void anInvalidBackendOfAGrpcRouteIsUnavailable() {
        TestMesh mesh = TestMesh.of(SERVICES, route("GRPCRoute", "food/r", "", "name: oven", "- backendRefs: [{name: a, port: 80}, {name: missing, port: 80}]"));
        RulePlan rule = mesh.rule("", "food/oven", 80, "/pkg.Oven/Bake");
        assertThat(counts(rule, 100).get("food/a:80")).isBetween(49, 51);      // the run begins anywhere
        assertThat(java.util.stream.Stream.generate(rule.split()::next).limit(4).map(each -> each.failure().grpcStatus())).containsOnly(0, 14);
    }

    /** A7 */
    @Test void anExternalNameIsNoBackend() {
        TestMesh mesh = TestMesh.of(SERVICES, """
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: ext, namespace: food}
                spec: {type: ExternalName, externalName: example.com, ports: [{port: 80}]}
                """, route("food/r", "name: oven", "/", "{name: ext, port: 80}"));
        assertThat(mesh.condition("HTTPRoute food/r", "ResolvedRefs")).isEqualTo("False InvalidKind");
    }

    /** B6: the forwarder answers 503 to an empty list. */
    @Test void noReadyEndpointsLeaveTheListEmpty() {
        TestMesh mesh = refs("{name: a, port: 80}");
        BackendPlan backend = mesh.rule("", "food/oven", 80, "/").split().next();
        assertThat(backend.failure().isNone()).isTrue();
        assertThat(backend.ready()).isEmpty();
    }

    @ParameterizedTest(name = "B9: {0}, grant {1} → {2}")
    @CsvSource({"gamma, false, True ResolvedRefs", "strict, false, False RefNotPermitted", "strict, true, True ResolvedRefs"})
    void crossNamespaceNeedsAGrantOnlyWhereStrict(String mode, boolean grant, String condition) {
        TestMesh mesh = new TestMesh();
        mesh.settings = new Settings("round-robin", mode.equals("strict"), Settings.Balancing.AUTO, Settings.DEFAULT.drain(), Settings.DEFAULT.sessionTokens(), Settings.DEFAULT.here());
        String route = route("food/r", "name: oven", "/", "{namespace: other, name: x, port: 80}");
        mesh.apply(SERVICES, route, grant ? GRANT : "");
        assertThat(mesh.condition("HTTPRoute food/r", "ResolvedRefs")).isEqualTo(condition);
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo(condition.startsWith("True") ? "other/x:80" : "500 invalid-backend");
    }

    private static final String GRANT = """
            ---
            apiVersion: gateway.networking.k8s.io/v1beta1
            kind: ReferenceGrant
            metadata: {name: g, namespace: other}
            spec:
              from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: food}]
              to: [{group: "", kind: Service, name: x}]
            """;

    /** B9: a backend that is the route's own parent is allowed in both modes. */
    @Test void theOwnParentNeedsNoGrant() {
        TestMesh mesh = new TestMesh();
        mesh.settings = new Settings("round-robin", true, Settings.Balancing.AUTO, Settings.DEFAULT.drain(), Settings.DEFAULT.sessionTokens(), Settings.DEFAULT.here());
        mesh.apply(SERVICES, TestMesh.workload("food/w", "w", "", "10.9.0.1"), route("food/r", "namespace: other, name: x", "/", "{namespace: other, name: x, port: 80}"));
        assertThat(mesh.send("food/w", "other/x", 80, "/")).isEqualTo("other/x:80");
    }

    /** B10 */
    @Test void aGrantThatGoesRevokesAtOnce() {
        TestMesh mesh = new TestMesh();
        mesh.settings = new Settings("round-robin", true, Settings.Balancing.AUTO, Settings.DEFAULT.drain(), Settings.DEFAULT.sessionTokens(), Settings.DEFAULT.here());
        String route = route("food/r", "name: oven", "/", "{namespace: other, name: x, port: 80}");
        mesh.apply(SERVICES, route, GRANT);
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("other/x:80");
        mesh.apply(SERVICES, route);
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("500 invalid-backend");
    }

    @ParameterizedTest(name = "B11: appProtocol {0} → {1}")
    @CsvSource(delimiter = '|', value = {
        "'' | HTTP1", "http | HTTP1", "kubernetes.io/h2c | H2C", "kubernetes.io/ws | HTTP1", "grpc | H2C",
        "kubernetes.io/wss | UnsupportedProtocol", "mysql | UnsupportedProtocol",
    })
    void appProtocolDecidesHowToSpeak(String appProtocol, String expected) {
        TestMesh mesh = TestMesh.of(SERVICES, service("food/p", "10.0.0.9", "port: 80" + (appProtocol.isEmpty() ? "" : ", appProtocol: " + appProtocol)),
                route("food/r", "name: oven", "/", "{name: p, port: 80}"));
        if (expected.equals("UnsupportedProtocol")) {
            assertThat(mesh.condition("HTTPRoute food/r", "ResolvedRefs")).isEqualTo("False UnsupportedProtocol");
        } else {
            assertThat(mesh.rule("", "food/oven", 80, "/").split().next().protocol()).hasToString(expected);
        }
    }

    @Test void endpointsJoinSlicesAndFamiliesByPortName() {
        String oven = service("food/oven", "10.0.0.1", "name: http, port: 80", "name: admin, port: 81");
        String v6 = endpoints("food/oven", "http", 9090, "\"fd00::1\"").replace("IPv4", "IPv6").replace("name: oven-http", "name: oven-http6");
        TestMesh mesh = TestMesh.of(oven, endpoints("food/oven", "http", 8080, "10.1.0.1", "10.1.0.2"), endpoints("food/oven", "admin", 8081, "10.1.0.1"), v6);
        assertThat(mesh.frontend("food/oven", 80).sets().own().split().next().ready()).extracting(each -> EndpointList.text(each.address()))
                .containsExactlyInAnyOrder("10.1.0.1:8080", "10.1.0.2:8080", "[fd00:0:0:0:0:0:0:1]:9090");
        assertThat(mesh.frontend("food/oven", 81).sets().own().split().next().ready()).extracting(each -> EndpointList.text(each.address()))
                .containsExactly("10.1.0.1:8081");
    }

    @Test void onlyReadyEndpointsCount() {
        String slice = endpoints("food/oven", "", 8080, "10.1.0.1", "10.1.0.2")
                .replace("{addresses: [10.1.0.2]}", "{addresses: [10.1.0.2], conditions: {ready: false, serving: true, terminating: true}}");
        TestMesh mesh = TestMesh.of(SERVICES, slice);
        assertThat(mesh.frontend("food/oven", 80).sets().own().split().next().ready()).extracting(each -> EndpointList.text(each.address()))
                .containsExactly("10.1.0.1:8080");
    }
}
