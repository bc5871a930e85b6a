package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The Helm chart, rendered by a real helm. What a real API server makes of it: itest/conformance/chart.py. {@code heddle test} leaves it
 *  out aloud on a machine with neither helm nor Go. */
@Tag("helm")
class ChartIT {
    private static final Path RENDER = Path.of("../../deploy/render").toAbsolutePath().normalize();
    private static String defaults;

    @BeforeAll
    static void renderOnce() {
        Command.Result result = Command.of(RENDER.toString(), "--stdout").run(Duration.ofMinutes(20));
        if (result.status() == 3) {
            System.out.println("SKIPPED chart tests: " + result.err());
            if ("1".equals(System.getenv("HEDDLE_REQUIRE_ROOT_TESTS"))) {
                throw new AssertionError(result.err());
            }
            abort(result.err());
        }
        assertThat(result.status()).as(result.toString()).isZero();
        defaults = result.out();
    }

    private static String with(String... values) {
        List<String> words = new ArrayList<>(List.of(RENDER.toString(), "--stdout"));
        for (String value : values) words.addAll(List.of("--set", value));
        Command.Result result = Command.of(words).run();
        assertThat(result.status()).as(result.toString()).isZero();
        return result.out();
    }

    @Test
    void thePlainYamlIsWhatTheChartGives() {
        Command.Result result = Command.of(RENDER.toString(), "--check").run();
        assertThat(result.status()).as(result.toString()).isZero();
    }

    @Test
    void itCarriesOurOwnKindsAndNoneOfUpstreams() {
        assertThat(defaults).contains("name: localratelimits.heddle.io", "name: circuitlimits.heddle.io", "name: headeraccesses.heddle.io", "name: faultinjections.heddle.io");
        assertThat(defaults.lines().filter(line -> line.startsWith("  name:") && line.endsWith(".gateway.networking.k8s.io"))).isEmpty();
    }

    /** STEERING.md §3: the new daemon beside the old one, ready once it steers. */
    @Test
    void anUpgradeSurgesAndTakesOver() {
        assertThat(defaults).contains("rollingUpdate: {maxSurge: 1, maxUnavailable: 0}", "- --take-over", "path: /readyz", "hostPID: true").doesNotContain("hostNetwork");
    }

    /** One address on the node's network is one daemon's. */
    @Test
    void onTheHostsNetworkThereIsNoSurge() {
        assertThat(with("hostNetwork=true")).contains("hostNetwork: true", "rollingUpdate: {maxUnavailable: 1}").doesNotContain("maxSurge", "containerPort");
    }

    /** itest/mesh ImageIT starts the daemon with these and no others. */
    @Test
    void theContainerHasTheCapabilitiesThatAreProvenAndNoMore() {
        List<String> lines = defaults.lines().map(line -> line.replaceFirst("#.*", "").strip()).toList();
        int add = lines.indexOf("add:");
        assertThat(lines.subList(add + 1, add + 6)).containsExactly("- BPF", "- NET_ADMIN", "- SYS_ADMIN", "- SYS_PTRACE", "- DAC_OVERRIDE");
        assertThat(lines.get(add + 6)).doesNotStartWith("- ");
        assertThat(defaults).contains("drop: [ALL]", "readOnlyRootFilesystem: true").doesNotContain("privileged: true");
    }

    @Test
    void secretsAreReadOnlyWhereAskedFor() {
        assertThat(defaults).doesNotContain("secrets]");
        assertThat(with("readSecrets=true")).contains("resources: [secrets]");
    }

    /** Kept on upgrades: itest/conformance/chart.py. It must not stand in a process's arguments, which everybody on the node may read. */
    @Test
    void oneSecretForTheSessionsOfAllNodesAndNoneInThePlainYaml() throws Exception {
        assertThat(defaults).contains("kind: Secret", "name: heddle-session", "secretKeyRef: {name: heddle-session, key: secret, optional: true}").doesNotContain("--set=session.secret");
        assertThat(Files.readString(RENDER.resolveSibling("heddle.yaml"))).contains("name: heddle-session").doesNotContain("kind: Secret");
    }

    @Test
    void valuesReachTheDaemon() {
        String rendered = with("settings.forward\\.loops=2", "image.digest=sha256:abc", "sessionSecretName=seal", "apiServer.host=10.0.0.1", "podMonitor=true", "meshNamespaces=team=shop");
        assertThat(rendered).contains("--set=forward.loops=2", "image: \"heddle@sha256:abc\"", "secretKeyRef: {name: seal, key: secret, optional: true}",
                "name: KUBERNETES_SERVICE_HOST, value: \"10.0.0.1\"", "kind: PodMonitor", "--set=kube.meshNamespaces=team=shop").doesNotContain("prometheus.io/scrape", "kind: Secret");
    }
}
