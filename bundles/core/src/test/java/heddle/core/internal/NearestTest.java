package heddle.core.internal;

import static heddle.core.internal.TestMesh.route;
import static heddle.core.internal.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.policy.Endpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Service spec.trafficDistribution and the hints of EndpointSlices (k8s.io/api core/v1, discovery/v1; pkg/proxy/topology.go). */
class NearestTest {
    private static TestMesh mesh(String distribution, String node, String zone, String slice) {
        TestMesh mesh = new TestMesh();
        mesh.settings = new Settings("round-robin", false, Settings.Balancing.AUTO, Settings.DEFAULT.drain(), Settings.DEFAULT.sessionTokens(), new Nearest.Here(node, zone));
        String back = service("shop/back", "10.0.0.2");
        mesh.apply(service("shop/front", "10.0.0.1") + (distribution.isEmpty() ? back : back.replace("clusterIP:", "trafficDistribution: " + distribution + "\n  clusterIP:")),
                slice, route("shop/r", "name: front", "/", "{name: back, port: 80}"));
        return mesh;
    }

    private static String slice(String... endpoints) {
        StringBuilder text = new StringBuilder("""
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: back-1, namespace: shop, labels: {kubernetes.io/service-name: back}}
                addressType: IPv4
                ports: [{name: "", port: 80}]
                endpoints:
                """);
        for (String endpoint : endpoints) text.append("- {").append(endpoint).append("}\n");
        return text.toString();
    }

    private static final String PLAIN = slice("addresses: [10.1.0.1], zone: west, nodeName: n1", "addresses: [10.1.0.2], zone: west, nodeName: n2",
            "addresses: [10.1.0.3], zone: east, nodeName: n3");
    private static final String HINTED = slice("addresses: [10.1.0.1], zone: west, hints: {forZones: [{name: west}], forNodes: [{name: n1}]}",
            "addresses: [10.1.0.2], zone: west, hints: {forZones: [{name: east}], forNodes: [{name: n2}]}",
            "addresses: [10.1.0.3], zone: east, hints: {forZones: [{name: east}], forNodes: [{name: n3}]}");

    private static String used(TestMesh mesh) {
        return mesh.rule("", "shop/front", 80, "/").split().next().ready().stream().map(Endpoint::address)
                .map(address -> address.getAddress().getHostAddress().substring(7)).reduce("", String::concat);
    }

    @ParameterizedTest(name = "{0} on node {1} in {2} → {3}")
    @CsvSource({"'', n1, west, 123", "PreferClose, n1, west, 12", "PreferSameZone, n9, east, 3", "PreferSameZone, n9, north, 123", "PreferSameZone, n9, '', 123",
        "PreferSameNode, n2, west, 2", "PreferSameNode, n9, west, 12", "PreferSameNode, n9, north, 123"})
    void withoutHintsTheEndpointsOwnPlacesCount(String distribution, String node, String zone, String expected) {
        assertThat(used(mesh(distribution, node, zone, PLAIN))).isEqualTo(expected);
    }

    @ParameterizedTest(name = "hints: {0} on node {1} in {2} → {3}")
    @CsvSource({"PreferClose, n1, west, 1", "PreferSameZone, n9, east, 23", "'', n9, east, 23", "PreferSameNode, n3, west, 3", "PreferSameNode, n9, west, 1", "PreferClose, n1, north, 123"})
    void hintsSayForWhomAnEndpointIs(String distribution, String node, String zone, String expected) {
        assertThat(used(mesh(distribution, node, zone, HINTED))).isEqualTo(expected);
    }

    @Test void hintsThatAreNotCompleteAreNotUsed() {
        String some = slice("addresses: [10.1.0.1], zone: west, hints: {forZones: [{name: west}]}", "addresses: [10.1.0.2], zone: east");
        assertThat(used(mesh("PreferClose", "n1", "west", some))).isEqualTo("12");
    }

    @Test void anEndpointThatIsNotReadyIsNotNear() {
        String slice = slice("addresses: [10.1.0.1], zone: west, conditions: {ready: false}", "addresses: [10.1.0.2], zone: east");
        assertThat(used(mesh("PreferClose", "n1", "west", slice))).isEqualTo("2");
    }

    @Test void theZoneIsLearntFromTheEndpointsOnThisNode() {
        assertThat(used(mesh("PreferClose", "n3", "", PLAIN))).isEqualTo("3");
    }

    @Test void achangedDistributionTakesEffectInPlace() {
        TestMesh mesh = mesh("PreferClose", "n1", "west", PLAIN);
        var pool = ((PooledBackend) mesh.rule("", "shop/front", 80, "/").split().next()).pool();
        String back = service("shop/back", "10.0.0.2");
        mesh.apply(service("shop/front", "10.0.0.1") + back, PLAIN, route("shop/r", "name: front", "/", "{name: back, port: 80}"));
        assertThat(used(mesh)).isEqualTo("123");
        assertThat(((PooledBackend) mesh.rule("", "shop/front", 80, "/").split().next()).pool()).isSameAs(pool);
    }
}
