package heddle.core.internal;

import static heddle.core.internal.TestMesh.endpoints;
import static heddle.core.internal.TestMesh.route;
import static heddle.core.internal.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SPEC.md §1. */
class AttachmentTest {
    private static final String OVEN = service("food/oven", "10.0.0.1", "name: http, port: 80", "name: admin, port: 8080");
    private static final String HOT = service("food/hot", "10.0.0.2");
    private static final String RULE = "- backendRefs: [{name: hot, port: 80}]";

    private static TestMesh with(String parentRef) {
        return TestMesh.of(OVEN, HOT, route("HTTPRoute", "food/r", "", "name: oven", RULE).replace("{group: \"\", kind: Service, name: oven}", parentRef));
    }

    @ParameterizedTest(name = "A1 A2 A3 A15: {0} → {1}")
    @CsvSource(delimiter = '|', value = {
        "{group: '', kind: Service, name: oven} | food/hot:80",
        "{group: core, kind: Service, name: oven} | food/hot:80",
        "{kind: Service, name: oven} | own food/oven:80",
        "{group: gateway.networking.k8s.io, kind: Gateway, name: oven} | own food/oven:80",
        "{name: oven} | own food/oven:80",
        "{group: multicluster.x-k8s.io, kind: ServiceImport, name: oven} | own food/oven:80",
        "{group: '', kind: ConfigMap, name: oven} | own food/oven:80",
    })
    void onlyACoreServiceIsAParent(String parentRef, String goesTo) {
        assertThat(with(parentRef).send("", "food/oven", 80, "/")).isEqualTo(goesTo);
    }

    @ParameterizedTest(name = "A2 A5: {0} has {1} status entries")
    @CsvSource(delimiter = '|', value = {
        "{kind: Service, name: oven} | 0",
        "{group: '', kind: Service, name: missing} | 0",
        "{group: '', kind: Service, name: oven, namespace: elsewhere} | 0",
        "{group: '', kind: Service, name: oven} | 1",
        "{group: '', kind: Service, name: oven, port: 99} | 1",
    })
    void whatNamesNoServiceGetsNoStatusEntry(String parentRef, int entries) {
        TestMesh mesh = with(parentRef);
        assertThat(mesh.conditions("HTTPRoute food/r", 0).isEmpty() ? 0 : 1).isEqualTo(entries);
    }

    @ParameterizedTest(name = "A4: {0}, port 80 → {1}, port 8080 → {2}")
    @CsvSource(delimiter = '|', value = {
        "name: oven | food/hot:80 | food/hot:80",
        "name: oven, port: 80 | food/hot:80 | own food/oven:8080",
        "name: oven, sectionName: admin | own food/oven:80 | food/hot:80",
        "name: oven, port: 8080, sectionName: admin | own food/oven:80 | food/hot:80",
        "name: oven, port: 80, sectionName: admin | own food/oven:80 | own food/oven:8080",
    })
    void portAndSectionNameNarrow(String parentRef, String first, String second) {
        TestMesh mesh = TestMesh.of(OVEN, HOT, route("HTTPRoute", "food/r", "", parentRef, RULE));
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo(first);
        assertThat(mesh.send("", "food/oven", 8080, "/")).isEqualTo(second);
    }

    @ParameterizedTest(name = "A5: {0}")
    @CsvSource(delimiter = '|', value = {"name: oven, port: 99", "name: oven, sectionName: nix", "name: oven, port: 80, sectionName: admin"})
    void aMissingPortIsNoMatchingParent(String parentRef) {
        TestMesh mesh = TestMesh.of(OVEN, HOT, route("HTTPRoute", "food/r", "", parentRef, RULE));
        assertThat(mesh.condition("HTTPRoute food/r", "Accepted")).isEqualTo("False NoMatchingParent");
        assertThat(mesh.condition("HTTPRoute food/r", "ResolvedRefs")).isEqualTo("True ResolvedRefs");
    }

    /** A7 */
    @Test void aHeadlessServiceIsNoParent() {
        TestMesh mesh = TestMesh.of(service("food/oven", "None"), HOT, route("HTTPRoute", "food/r", "", "name: oven", RULE));
        assertThat(mesh.condition("HTTPRoute food/r", "Accepted")).isEqualTo("False NoMatchingParent");
        assertThat(mesh.frontend("food/oven", 80)).isNull();
    }

    /** A9, A10: the destination address is the Service; what the client writes into Host is data. Pod addresses are no frontend. */
    @Test void theAddressDecidesAndNotTheHostHeader() {
        TestMesh mesh = TestMesh.of(OVEN, HOT, endpoints("food/oven", "http", 8080, "10.1.0.1"), route("food/r", "name: oven, port: 80", "/", "{name: hot, port: 80}"));
        assertThat(mesh.at("10.0.0.1", 80)).hasValueSatisfying(plan -> assertThat(plan.service()).isEqualTo("food/oven"));
        assertThat(mesh.at("10.1.0.1", 8080)).isEmpty();
        assertThat(mesh.send("", "food/oven", 80, "/", "host", "hot.food")).isEqualTo("food/hot:80");
        assertThat(mesh.send("", "food/hot", 80, "/", "host", "oven.food")).isEqualTo("own food/hot:80");
    }

    /** A11 */
    @Test void hostnamesAreIgnoredAndSaidSo() {
        TestMesh mesh = TestMesh.of(OVEN, HOT, route("food/r", "name: oven", "/", "{name: hot, port: 80}").replace("spec:", "spec:\n  hostnames: [example.com]"));
        assertThat(mesh.send("", "food/oven", 80, "/", "host", "other.org")).isEqualTo("food/hot:80");
        assertThat(mesh.message("HTTPRoute food/r", "Accepted")).contains("hostnames is ignored");
    }

    /** A12 */
    @Test void routesReplaceImplicitRouting() {
        TestMesh mesh = TestMesh.of(OVEN, HOT, route("food/r", "name: oven", "/only", "{name: hot, port: 80}"));
        assertThat(mesh.send("", "food/oven", 80, "/else")).isEqualTo("404 no-route");
        mesh.apply(OVEN, HOT);
        assertThat(mesh.send("", "food/oven", 80, "/else")).isEqualTo("own food/oven:80");
    }

    /** A13 */
    @Test void routesWithoutAValidRuleFailClosed() {
        String unknown = route("HTTPRoute", "food/r", "", "name: oven", "- matches: [{headers: [{name: x, type: Sounds, value: y}]}]\n    backendRefs: [{name: hot, port: 80}]");
        TestMesh mesh = TestMesh.of(OVEN, HOT, unknown);
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("500 no-valid-rule");
        assertThat(mesh.condition("HTTPRoute food/r", "Accepted")).isEqualTo("False UnsupportedValue");

        mesh.apply(OVEN, HOT, unknown, route("food/s", "name: oven", "/s", "{name: hot, port: 80}"));
        assertThat(mesh.send("", "food/oven", 80, "/s")).isEqualTo("food/hot:80");
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("404 no-route");
    }

    /** A13, F5: its requests must not slide to a less specific rule. */
    @Test void aRuleWithABadFilterKeepsItsMatches() {
        TestMesh mesh = TestMesh.of(OVEN, HOT, route("HTTPRoute", "food/r", "", "name: oven", """
                - matches: [{path: {type: PathPrefix, value: /a}}]
                    filters: [{type: ExtensionRef, extensionRef: {group: acme.io, kind: Limit, name: ten}}]
                    backendRefs: [{name: hot, port: 80}]
                  - backendRefs: [{name: hot, port: 80}]"""));
        assertThat(mesh.send("", "food/oven", 80, "/a")).isEqualTo("500 filter");
        assertThat(mesh.send("", "food/oven", 80, "/b")).isEqualTo("food/hot:80");
        assertThat(mesh.condition("HTTPRoute food/r", "Accepted")).isEqualTo("True Accepted");
        assertThat(mesh.condition("HTTPRoute food/r", "ResolvedRefs")).isEqualTo("False InvalidKind");
        assertThat(mesh.message("HTTPRoute food/r", "PartiallyInvalid")).startsWith("Dropped Rule 0");
    }

    /** S4, M13: one bad match drops its rule, the others stay. */
    @Test void anUnknownMatchDropsItsRuleAsAWhole() {
        TestMesh mesh = TestMesh.of(OVEN, HOT, route("HTTPRoute", "food/r", "", "name: oven", """
                - matches: [{path: {type: PathPrefix, value: /a}}, {headers: [{name: x, type: Sounds, value: y}]}]
                    backendRefs: [{name: hot, port: 80}]
                  - matches: [{path: {type: PathPrefix, value: /b}}]
                    backendRefs: [{name: hot, port: 80}]"""));
        assertThat(mesh.send("", "food/oven", 80, "/a")).isEqualTo("404 no-route");
        assertThat(mesh.send("", "food/oven", 80, "/b")).isEqualTo("food/hot:80");
        assertThat(mesh.condition("HTTPRoute food/r", "Accepted")).isEqualTo("True Accepted");
        assertThat(mesh.condition("HTTPRoute food/r", "PartiallyInvalid")).isEqualTo("True UnsupportedValue");
    }

    /** A14 */
    @Test void aServiceWithoutEndpointsIsAFrontend() {
        TestMesh mesh = TestMesh.of(OVEN, HOT + endpoints("food/hot", "", 8080, "10.1.0.1"), route("food/r", "name: oven", "/", "{name: hot, port: 80}"));
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("food/hot:80");
        assertThat(mesh.frontend("food/oven", 80).sets().own().split().next().ready()).isEmpty();
    }

    /** A15: cilium#48239 */
    @Test void ruleSetsOfTwoParentsDoNotLeak() {
        String two = route("HTTPRoute", "food/both", "", "name: oven", RULE).replace("name: oven}", "name: oven}\n  - {group: \"\", kind: Service, name: hot}");
        TestMesh mesh = TestMesh.of(OVEN, HOT, two, route("food/only", "name: hot", "/x", "{name: oven, port: 80}"));
        assertThat(mesh.send("", "food/hot", 80, "/x")).isEqualTo("food/oven:80");
        assertThat(mesh.send("", "food/oven", 80, "/x")).isEqualTo("food/hot:80");
    }

    @Test void aPortThatSpeaksNoHttpIsLeftOut() {
        String mixed = service("food/oven", "10.0.0.1", "name: http, port: 80", "name: tls, port: 443, appProtocol: https");
        TestMesh mesh = TestMesh.of(mixed, HOT, route("food/r", "name: oven", "/", "{name: hot, port: 80}"));
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("food/hot:80");
        assertThat(mesh.send("", "food/oven", 443, "/")).isEqualTo("own food/oven:443");
        assertThat(mesh.message("HTTPRoute food/r", "Accepted")).contains("not applied to port 443");
    }
}
