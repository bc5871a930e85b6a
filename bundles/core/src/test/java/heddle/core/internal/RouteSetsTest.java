package heddle.core.internal;

import static heddle.core.internal.TestMesh.route;
import static heddle.core.internal.TestMesh.service;
import static heddle.core.internal.TestMesh.workload;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SPEC.md §2. */
class RouteSetsTest {
    private static final String SERVICES = service("food/oven", "10.0.0.1", "name: http, port: 80", "name: admin, port: 8080")
            + service("food/a", "10.0.0.2") + service("food/b", "10.0.0.3") + service("shop/c", "10.0.0.4");
    private static final String CLIENTS = workload("food/cook", "default", "", "10.9.0.1") + workload("shop/buyer", "default", "", "10.9.0.2")
            + workload("third/x", "default", "", "10.9.0.3");
    private static final String PRODUCER = route("food/producer", "name: oven", "/", "{name: a, port: 80}");
    private static final String CONSUMER = route("shop/consumer", "namespace: food, name: oven", "/shop", "{namespace: food, name: b, port: 80}");

    @ParameterizedTest(name = "P1 P2: client {0} → {1}")
    @CsvSource({"food/cook, food/a:80", "shop/buyer, food/b:80", "third/x, food/a:80", "'', food/a:80"})
    void aConsumerRouteConcernsItsOwnNamespaceOnly(String client, String goesTo) {
        TestMesh mesh = TestMesh.of(SERVICES, CLIENTS, PRODUCER, CONSUMER);
        assertThat(mesh.send(client, "food/oven", 80, "/shop")).isEqualTo(goesTo);
    }

    /** P3: istio#45065 */
    @Test void setsNeverMerge() {
        TestMesh mesh = TestMesh.of(SERVICES, CLIENTS, PRODUCER, CONSUMER);
        assertThat(mesh.send("shop/buyer", "food/oven", 80, "/other")).isEqualTo("404 no-route");
        assertThat(mesh.send("food/cook", "food/oven", 80, "/other")).isEqualTo("food/a:80");
    }

    /** P2: cilium#45294 */
    @Test void aConsumerRouteAloneLeavesEverybodyElseAlone() {
        TestMesh mesh = TestMesh.of(SERVICES, CLIENTS, CONSUMER);
        assertThat(mesh.send("third/x", "food/oven", 80, "/shop")).isEqualTo("own food/oven:80");
        assertThat(mesh.send("food/cook", "food/oven", 80, "/shop")).isEqualTo("own food/oven:80");
        assertThat(mesh.send("", "food/oven", 80, "/shop")).isEqualTo("own food/oven:80");
    }

    /** P4 */
    @Test void aSetBelongsToOnePort() {
        TestMesh mesh = TestMesh.of(SERVICES, CLIENTS, PRODUCER,
                route("shop/consumer", "namespace: food, name: oven, port: 80", "/", "{namespace: food, name: b, port: 80}"));
        assertThat(mesh.send("shop/buyer", "food/oven", 80, "/")).isEqualTo("food/b:80");
        assertThat(mesh.send("shop/buyer", "food/oven", 8080, "/")).isEqualTo("food/a:80");
    }

    /** P4: routes of one set merge by §3. */
    @Test void routesOfASetMerge() {
        TestMesh mesh = TestMesh.of(SERVICES, CLIENTS, PRODUCER, route("food/more", "name: oven", "/more", "{name: b, port: 80}"));
        assertThat(mesh.send("", "food/oven", 80, "/more")).isEqualTo("food/b:80");
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("food/a:80");
    }

    /** P5 */
    @Test void routesOfABackendAreNotApplied() {
        TestMesh mesh = TestMesh.of(SERVICES, PRODUCER, route("food/chain", "name: a", "/", "{name: b, port: 80}"));
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("food/a:80");
    }

    @ParameterizedTest(name = "P7: {0} puts {1} out of force")
    @CsvSource({"GRPCRoute, HTTPRoute", "HTTPRoute, TLSRoute", "HTTPRoute, TCPRoute", "GRPCRoute, TCPRoute", "TLSRoute, TCPRoute"})
    void oneKindIsInForceOnAPort(String winner, String loser) {
        TestMesh mesh = TestMesh.of(SERVICES, kind(loser, "food/loser", "name: oven, port: 80"), kind(winner, "food/winner", "name: oven, port: 80"));
        assertThat(mesh.condition(winner + " food/winner", "Accepted")).isEqualTo("True Accepted");
        assertThat(mesh.condition(loser + " food/loser", "Accepted")).isEqualTo("False Conflicted");
        assertThat(mesh.message(loser + " food/loser", "Accepted")).contains(winner + " food/winner");
    }

    /** P8: the rule that G's comment gives for listeners (the oldest wins) is not applied to a Service port. */
    @Test void anOlderRouteOfALesserKindLosesAllTheSame() {
        String old = kind("HTTPRoute", "food/a-old", "name: oven, port: 80").replace("metadata:\n", "metadata:\n  creationTimestamp: 2020-01-01T00:00:00Z\n");
        TestMesh mesh = TestMesh.of(SERVICES, old, kind("GRPCRoute", "food/z-young", "name: oven, port: 80"));
        assertThat(mesh.condition("GRPCRoute food/z-young", "Accepted")).isEqualTo("True Accepted");
        assertThat(mesh.condition("HTTPRoute food/a-old", "Accepted")).isEqualTo("False Conflicted");
    }

    /** P6: not even where backends need grants. */
    @Test void noGrantGovernsAParentRef() {
        TestMesh mesh = new TestMesh();
        mesh.settings = new Settings("round-robin", true, Settings.Balancing.AUTO, Settings.DEFAULT.drain(), Settings.DEFAULT.sessionTokens(), Settings.DEFAULT.here());
        mesh.apply(SERVICES, CLIENTS, route("shop/consumer", "namespace: food, name: oven", "/", "{name: c, port: 80}"));
        assertThat(mesh.condition("HTTPRoute shop/consumer", "Accepted")).isEqualTo("True Accepted");
        assertThat(mesh.send("shop/buyer", "food/oven", 80, "/")).isEqualTo("shop/c:80");
    }

    /** P7: judged inside one set. */
    @Test void aConsumersKindDoesNotPutTheProducersOutOfForce() {
        TestMesh mesh = TestMesh.of(SERVICES, CLIENTS, PRODUCER, kind("GRPCRoute", "shop/grpc", "namespace: food, name: oven"));
        assertThat(mesh.condition("HTTPRoute food/producer", "Accepted")).isEqualTo("True Accepted");
        assertThat(mesh.condition("GRPCRoute shop/grpc", "Accepted")).isEqualTo("True Accepted");
        assertThat(mesh.send("food/cook", "food/oven", 80, "/")).isEqualTo("food/a:80");
    }

    /** P7: lost on one port of several. */
    @Test void aRouteThatLosesOnOnePortStaysAccepted() {
        TestMesh mesh = TestMesh.of(SERVICES, PRODUCER, kind("GRPCRoute", "food/grpc", "name: oven, port: 8080"));
        assertThat(mesh.condition("HTTPRoute food/producer", "Accepted")).isEqualTo("True Accepted");
        assertThat(mesh.message("HTTPRoute food/producer", "Accepted")).contains("port 8080").doesNotContain("port 80:");
    }

    /** P9: linkerd#13272 */
    @Test void ofSeveralTcpRoutesTheOldestIsInForce() {
        String young = kind("TCPRoute", "food/a-young", "name: oven").replace("backendRefs: [{name: a", "backendRefs: [{name: b");
        String old = kind("TCPRoute", "food/z-old", "name: oven").replace("metadata:\n", "metadata:\n  creationTimestamp: 2024-01-01T00:00:00Z\n");
        TestMesh mesh = TestMesh.of(SERVICES, young, old);
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("TCPRoute food/z-old food/a:80");
        assertThat(mesh.condition("TCPRoute food/a-young", "Accepted")).isEqualTo("False Conflicted");
    }

    /** A11, P9: exact before the longest wildcard, no match is closed; an equal hostname is the older route's. */
    @ParameterizedTest(name = "SNI {0} → {1}")
    @CsvSource({"a.food.org, food/a:80", "b.food.org, food/b:80", "x.b.food.org, food/b:80", "food.org, 404 no-route", "'', 404 no-route"})
    void tlsRoutesAreChosenByServerName(String name, String goesTo) {
        String exact = kind("TLSRoute", "food/exact", "name: oven").replace("[x.org]", "[a.food.org]");
        String wildcard = kind("TLSRoute", "food/wild", "name: oven").replace("[x.org]", "[\"*.food.org\", a.food.org]").replace("name: a, port", "name: b, port");
        TestMesh mesh = TestMesh.of(SERVICES, exact, wildcard);
        assertThat(mesh.send("", "food/oven", 80, name)).isEqualTo(goesTo);
        assertThat(mesh.condition("TLSRoute food/wild", "Accepted")).isEqualTo("True Accepted");
    }

    /** A Service's UDP port has sets of its own. */
    @Test void udpIsOrthogonal() {
        String dns = service("food/oven", "10.0.0.1", "name: t, port: 53", "name: u, port: 53, protocol: UDP") + service("food/a", "10.0.0.2", "port: 53, protocol: UDP");
        TestMesh mesh = TestMesh.of(dns, kind("UDPRoute", "food/udp", "name: oven").replace("port: 80", "port: 53"),
                kind("TCPRoute", "food/tcp", "name: oven").replace("port: 80", "port: 53"));
        assertThat(mesh.condition("UDPRoute food/udp", "Accepted")).isEqualTo("True Accepted");
        assertThat(mesh.condition("TCPRoute food/tcp", "Accepted")).isEqualTo("True Accepted");
        assertThat(mesh.condition("TCPRoute food/tcp", "ResolvedRefs")).isEqualTo("False UnsupportedProtocol");
    }

    private static String kind(String kind, String path, String parent) {
        String manifest = route(kind, path, "", parent, "- backendRefs: [{namespace: food, name: a, port: 80}]");
        if (kind.equals("TLSRoute")) manifest = manifest.replace("spec:", "spec:\n  hostnames: [x.org]");
        return kind.equals("TCPRoute") || kind.equals("UDPRoute") ? manifest.replace("networking.k8s.io/v1\n", "networking.k8s.io/v1alpha2\n") : manifest;
    }
}
