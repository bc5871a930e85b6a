package heddle.core.internal;

import static heddle.core.internal.TestMesh.endpoints;
import static heddle.core.internal.TestMesh.route;
import static heddle.core.internal.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.plan.BackendPlan;
import heddle.api.plan.UpstreamTls;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** B13 (apis/v1/backendtlspolicy_types.go): what the forwarder is told, and each policy's status. The handshakes are in UpstreamTlsTest. */
class BackendTlsPolicyTest {
    private static final String WORLD = service("shop/front", "10.0.0.1") + service("shop/back", "10.0.0.2", "name: a, port: 80", "name: b, port: 81")
            + endpoints("shop/back", "a", 8080, "10.1.0.1") + endpoints("shop/back", "b", 8081, "10.1.0.1")
            + route("shop/r", "name: front", "/", "{name: back, port: 80}") + route("shop/q", "name: front", "/b", "{name: back, port: 81}");
    private static String ca;
    @TempDir static Path dir;

    @BeforeAll
    static void make() throws Exception {
        Path store = dir.resolve("k");
        String tool = System.getProperty("java.home") + "/bin/keytool";
        assertThat(new ProcessBuilder(tool, "-genkeypair", "-alias", "k", "-keyalg", "EC", "-dname", "CN=x", "-storetype", "PKCS12", "-storepass", "secret",
                "-keystore", store.toString()).start().waitFor()).isZero();
        assertThat(new ProcessBuilder(tool, "-exportcert", "-rfc", "-alias", "k", "-storepass", "secret", "-keystore", store.toString(), "-file",
                dir.resolve("ca").toString()).start().waitFor()).isZero();
        ca = Files.readString(dir.resolve("ca")).replace("\r", "").strip();
    }

    private static String configMap(String name, String key, String text) {
        return "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + ", namespace: shop}\ndata:\n  " + key + ": |\n    " + text.replace("\n", "\n    ") + "\n";
    }

    private static String policy(String name, String created, String target, String validation) {
        return """
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: BackendTLSPolicy
                metadata: {name: %s, namespace: shop%s}
                spec:
                  targetRefs: [{group: "", kind: Service, %s}]
                  validation: {hostname: back.shop.example, %s}
                """.formatted(name, created.isEmpty() ? "" : ", creationTimestamp: " + created, target, validation);
    }

    private static final String BY_MAP = "caCertificateRefs: [{group: \"\", kind: ConfigMap, name: ca}]";

    private static BackendPlan backend(TestMesh mesh, String path) {
        return mesh.rule("", "shop/front", 80, path).split().next();
    }

    @Test void theHostnameIsServerNameAndTheNameInTheCertificate() {
        TestMesh mesh = TestMesh.of(WORLD, configMap("ca", "ca.crt", ca), policy("p", "", "name: back", BY_MAP));
        assertThat(backend(mesh, "/").tls()).contains(new UpstreamTls("back.shop.example", ca + "\n", List.of("back.shop.example")));
        assertThat(mesh.policyCondition("BackendTLSPolicy shop/p", 0, "Accepted")).isEqualTo("True Accepted");
        assertThat(mesh.policyCondition("BackendTLSPolicy shop/p", 0, "ResolvedRefs")).isEqualTo("True ResolvedRefs");
    }

    @Test void givenSubjectAltNamesOnlyTheyCount() {
        TestMesh mesh = TestMesh.of(WORLD, configMap("ca", "ca.crt", ca),
                policy("p", "", "name: back", BY_MAP + ", subjectAltNames: [{type: Hostname, hostname: other.example}, {type: URI, uri: 'spiffe://mesh/back'}]"));
        assertThat(backend(mesh, "/").tls().orElseThrow().serverName()).isEqualTo("back.shop.example");
        assertThat(backend(mesh, "/").tls().orElseThrow().hostnames()).containsExactly("other.example", "spiffe://mesh/back");
    }

    @Test void wellKnownSystemTrustsTheSystem() {
        TestMesh mesh = TestMesh.of(WORLD, policy("p", "", "name: back", "wellKnownCACertificates: System"));
        assertThat(backend(mesh, "/").tls()).contains(new UpstreamTls("back.shop.example", "", List.of("back.shop.example")));
    }

    @Test void aSecretServesAsWellAsAConfigMap() {
        String secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: ca, namespace: shop}\ndata: {ca.crt: "
                + Base64.getEncoder().encodeToString(ca.getBytes(StandardCharsets.US_ASCII)) + "}\n";
        TestMesh mesh = TestMesh.of(WORLD, secret, policy("p", "", "name: back", BY_MAP.replace("ConfigMap", "Secret")));
        assertThat(backend(mesh, "/").tls().orElseThrow().caCertificatesPem()).isEqualTo(ca + "\n");
    }

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(delimiter = '|', value = {
        "{group: '', kind: ConfigMap, name: missing} | InvalidCACertificateRef",
        "{group: '', kind: ConfigMap, name: nokey} | InvalidCACertificateRef",
        "{group: '', kind: ConfigMap, name: rubbish} | InvalidCACertificateRef",
        "{group: acme.io, kind: Bundle, name: ca} | InvalidKind",
    })
    void aBadAuthorityIs5xxAndNamedInTheStatus(String ref, String reason) {
        TestMesh mesh = TestMesh.of(WORLD, configMap("ca", "ca.crt", ca), configMap("nokey", "other", ca), configMap("rubbish", "ca.crt", "no certificate"),
                policy("p", "", "name: back", "caCertificateRefs: [" + ref + "]"));
        assertThat(mesh.send("", "shop/front", 80, "/")).isEqualTo("500 backend-tls");
        assertThat(mesh.policyCondition("BackendTLSPolicy shop/p", 0, "ResolvedRefs")).isEqualTo("False " + reason);
        assertThat(mesh.policyCondition("BackendTLSPolicy shop/p", 0, "Accepted")).isEqualTo("False NoValidCACertificate");
        assertThat(mesh.condition("HTTPRoute shop/r", "ResolvedRefs")).isEqualTo("True ResolvedRefs");
    }

    @Test void oneGoodAuthorityIsEnough() {
        TestMesh mesh = TestMesh.of(WORLD, configMap("ca", "ca.crt", ca),
                policy("p", "", "name: back", "caCertificateRefs: [{group: \"\", kind: ConfigMap, name: missing}, {group: \"\", kind: ConfigMap, name: ca}]"));
        assertThat(backend(mesh, "/").tls()).isPresent();
        assertThat(mesh.policyCondition("BackendTLSPolicy shop/p", 0, "Accepted")).isEqualTo("True Accepted");
        assertThat(mesh.policyCondition("BackendTLSPolicy shop/p", 0, "ResolvedRefs")).isEqualTo("False InvalidCACertificateRef");
    }

    @Test void aBundleThatComesLaterIsFoundAndOneThatGoesIsMissed() {
        TestMesh mesh = TestMesh.of(WORLD, policy("p", "", "name: back", BY_MAP));
        assertThat(mesh.send("", "shop/front", 80, "/")).isEqualTo("500 backend-tls");
        mesh.apply(WORLD, configMap("ca", "ca.crt", ca), policy("p", "", "name: back", BY_MAP));
        assertThat(mesh.send("", "shop/front", 80, "/")).isEqualTo("shop/back:80");
        mesh.apply(WORLD, policy("p", "", "name: back", BY_MAP));
        assertThat(mesh.send("", "shop/front", 80, "/")).isEqualTo("500 backend-tls");
    }

    /** targetRefs[].sectionName is the port's name. */
    @Test void aPolicyForAPortLeavesTheOthersAndGoesBeforeOneForTheWhole() {
        String ports = policy("p", "", "name: back, sectionName: b", "wellKnownCACertificates: System");
        TestMesh mesh = TestMesh.of(WORLD, ports);
        assertThat(backend(mesh, "/").tls()).isEmpty();
        assertThat(backend(mesh, "/b").tls()).isPresent();
        mesh.apply(WORLD, ports, configMap("ca", "ca.crt", ca), policy("whole", "2020-01-01T00:00:00Z", "name: back", BY_MAP));
        assertThat(backend(mesh, "/").tls().orElseThrow().caCertificatesPem()).isNotEmpty();
        assertThat(backend(mesh, "/b").tls().orElseThrow().caCertificatesPem()).isEmpty();
        assertThat(mesh.policyCondition("BackendTLSPolicy shop/p", 0, "Accepted")).isEqualTo("True Accepted");
    }

    /** S8: older, then {ns}/{name}. */
    @Test void theOldestThenTheFirstByNameHasTheTarget() {
        String system = "wellKnownCACertificates: System";
        TestMesh mesh = TestMesh.of(WORLD, policy("a", "", "name: back", system), policy("c", "2024-01-01T00:00:00Z", "name: back", system),
                policy("b", "2024-01-01T00:00:00Z", "name: back", system));
        assertThat(mesh.policyCondition("BackendTLSPolicy shop/b", 0, "Accepted")).isEqualTo("True Accepted");
        assertThat(mesh.policyCondition("BackendTLSPolicy shop/a", 0, "Accepted")).isEqualTo("False Conflicted");
        assertThat(mesh.policyCondition("BackendTLSPolicy shop/c", 0, "Accepted")).isEqualTo("False Conflicted");
    }

    @ParameterizedTest(name = "S8: {0} → TargetNotFound")
    @CsvSource(delimiter = '|', value = {"name: missing", "name: 'back', sectionName: nix"})
    void aMissingTargetIsNamed(String target) {
        TestMesh mesh = TestMesh.of(WORLD, policy("p", "", target, "wellKnownCACertificates: System"));
        assertThat(mesh.policyCondition("BackendTLSPolicy shop/p", 0, "Accepted")).isEqualTo("False TargetNotFound");
    }

    @ParameterizedTest(name = "B11: appProtocol {0}")
    @CsvSource({"kubernetes.io/wss", "https"})
    void aTlsPortNeedsAPolicy(String appProtocol) {
        String world = WORLD.replace("name: a, port: 80", "name: a, port: 80, appProtocol: " + appProtocol);
        TestMesh mesh = TestMesh.of(world);
        assertThat(mesh.condition("HTTPRoute shop/r", "ResolvedRefs")).isEqualTo("False UnsupportedProtocol");
        assertThat(mesh.send("", "shop/front", 80, "/")).isEqualTo("500 invalid-backend");
        mesh.apply(world, policy("p", "", "name: back", "wellKnownCACertificates: System"));
        assertThat(mesh.condition("HTTPRoute shop/r", "ResolvedRefs")).isEqualTo("True ResolvedRefs");
        assertThat(backend(mesh, "/").tls()).isPresent();
    }

    @Test void anEditElsewhereKeepsTheRulesPlan() {
        TestMesh mesh = TestMesh.of(WORLD, configMap("ca", "ca.crt", ca), policy("p", "", "name: back", BY_MAP));
        var before = mesh.rule("", "shop/front", 80, "/");
        mesh.apply(WORLD, configMap("ca", "ca.crt", ca), policy("p", "", "name: back", BY_MAP), configMap("other", "x", "y"));
        assertThat(mesh.rule("", "shop/front", 80, "/")).isSameAs(before);
    }
}
