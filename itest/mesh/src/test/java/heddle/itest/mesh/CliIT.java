package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands that users type: what they print and how they exit. */
class CliIT {
    private static Field field;

    @BeforeAll
    static void start() {
        field = Field.onBind();
        field.backend("one", 101, "8080");
        field.manifest("shop.yaml", Yaml.workload("shop", "one", 101, "one") + Yaml.workload("shop", "client", 121, "client") + Yaml.service("shop", "one", 11, "8000:8080")
                + Yaml.route("shop", "cart", "one", """
                        - matches: [{path: {value: /cart}}]
                          backendRefs: [{name: one, port: 8000}]
                        """));
        field.start();
    }

    @AfterAll
    static void end() {
        field.close();
    }

    @Test
    void versionNeedsNoDaemon() {
        Command.Result result = Command.of(Field.HOME.resolve("heddle").toString(), "version").run();
        assertThat(result.status()).isZero();
        assertThat(result.out()).containsPattern("[0-9]+\\.[0-9]+");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "exec", "hosts", "status", "routes", "explain", "diff", "check", "clean", "logs", "shell", "demo", "wait", "stop"})
    void everyCommandHasHelp(String command) {
        Command.Result result = field.heddle(command, "--help");
        assertThat(result.status()).isZero();
        assertThat(result.out()).contains(command);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "status --nonsense", "run --set nothing", "explain", "wait", "wait cart", "wait pod/cart", "wait httproute/cart --for accepted", "wait httproute/cart --timeout soon"})
    void wrongUsageIsStatus2(String line) {
        assertThat(field.heddle(line.split(" ")).status()).isEqualTo(2);
    }

    @Test
    void statusSaysReadyAndCounts() {
        Command.Result result = field.heddle("status");
        assertThat(result.status()).isZero();
        assertThat(result.out()).contains("bind").containsIgnoringCase("ready");
        assertThat(field.heddle("status", "-o", "json").out().replace(" ", "")).contains("\"ready\":true").contains("\"generation\":");
    }

    @Test
    void withoutADaemonCommandsFailAndSaySo() {
        Command.Result result = Command.of(Field.HOME.resolve("heddle").toString(), "status").with("HEDDLE_CONTROL_SOCKET", "/nonexistent/heddle.sock").run();
        assertThat(result.status()).isNotZero();
        assertThat(result.err()).contains("/nonexistent/heddle.sock");
    }

    @Test
    void routesShowsRouteServiceAndEndpoint() {
        Command.Result result = field.heddle("routes");
        assertThat(result.status()).isZero();
        assertThat(result.out()).contains("shop/cart", "shop/one", field.host(101) + ":8080");
        assertThat(field.heddle("routes", "-o", "json").out()).startsWith("{").contains("\"cart\"");
    }

    /** Issue "Kubernetes": `heddle wait`, on manifests here. */
    @Test
    void waitComesBackWhenARouteIsAsWanted() {
        Command.Result here = field.heddle("wait", "httproute/cart", "-n", "shop", "--for", "condition=Programmed", "--timeout", "20s", "-o", "json");
        assertThat(here.status()).as(here.toString()).isZero();
        assertThat(here.out().replace(" ", "")).contains("\"met\":true").contains("\"waitedMillis\":");
        assertThat(field.heddle("wait", "HTTPRoutes.gateway.networking.k8s.io/cart", "--namespace=shop", "--for=condition=Accepted").status()).isZero();

        Command.Result never = field.heddle("wait", "httproute/cart", "-n", "shop", "--for", "condition=ResolvedRefs=False", "--timeout", "100ms");
        assertThat(never.status()).isEqualTo(1);
        assertThat(never.err()).contains("HTTPRoute shop/cart ResolvedRefs=False: not within 100 ms").contains("Service shop/one", "ResolvedRefs=True");
        assertThat(field.heddle("wait", "httproute/none", "-n", "shop", "--timeout", "50ms").err()).contains("there is no such route");
        assertThat(field.heddle("wait", "httproute/cart", "-n", "shop", "--generation", "7", "--timeout", "50ms").status()).isEqualTo(1);

        field.manifest("late.yaml", Yaml.route("shop", "late", "one", "- matches: [{path: {value: /late}}]\n  backendRefs: [{name: one, port: 8000}]\n"));
        assertThat(field.heddle("wait", "httproute/late", "-n", "shop", "--timeout", "20s").status()).isZero();
        assertThat(Curl.get("http://" + field.host(11) + ":8000/late").status()).isEqualTo(200);
        field.remove("late.yaml");
        assertThat(field.heddle("wait", "httproute/late", "-n", "shop", "--for", "delete", "--timeout", "20s").status()).isZero();
    }

    @Test
    void explainNamesTheWinnerAndAMiss() {
        assertThat(field.heddle("explain", "--from", "shop/client", "GET", "http://one.shop:8000/cart/1").out()).contains("shop/cart");
        assertThat(field.heddle("explain", "GET", "http://one.shop:8000/other").out()).contains("404");
    }

    @Test
    void hostsPrintsEveryNameOfAService() {
        assertThat(field.heddle("hosts").out()).contains(field.host(11)).contains("one.shop ").contains("one.shop.svc.cluster.local");
    }

    @Test
    void execRunsAProgramAsAWorkload() {
        Command.Result result = field.heddle("exec", "--namespace", "shop", "--workload", "client", "--", "sh", "-c",
                "echo source=$HEDDLE_SOURCE; curl -s --interface $HEDDLE_SOURCE http://" + field.host(11) + ":8000/cart");
        assertThat(result.status()).isZero();
        assertThat(result.out()).startsWith("source=" + field.host(121) + "\n").contains("backend=one");
        assertThat(field.heddle("exec", "--namespace", "shop", "--workload", "client", "--", "sh", "-c", "exit 7").status()).isEqualTo(7);
    }

    @Test
    void shellRunsOneCommandWithItsExitStatus() {
        assertThat(field.heddle("shell", "mesh:routes").out()).contains("cart");
        assertThat(field.heddle("shell", "no:such").status()).isNotZero();
    }

    /** Issue "plugins": the shell socket's permissions, and an audit line for each command that changes something. */
    @Test
    void theSocketIsItsOwnersAloneAndWhatChangesSomethingIsAudited() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(field.socket()))).isEqualTo("rw-------");
        Control control = new Control(field.socket());
        List.of("felix:start 0", "mesh:reload", "mesh:logs --level heddle.nobody=debug", "felix:lb", "mesh:logs").forEach(control::run);
        Await.until("the last one's line", Duration.ofSeconds(20), () -> field.log().contains("command mesh:logs --level heddle.nobody=debug by "), field::log);
        String user = System.getProperty("user.name");
        assertThat(field.log()).contains("heddle.audit: shell felix:start 0 by " + user, "heddle.audit: command mesh:reload by " + user)
                .doesNotContain("felix:lb by", "command mesh:logs by");
    }

    /** Sources the completion in a bash and asks it as readline would. */
    @ParameterizedTest
    @CsvSource({"heddle sta, status", "heddle rou, routes", "heddle run --man, --manifests", "heddle run --set steer, steering=", "heddle status -o j, json",
            "heddle routes --namespace sh, shop", "heddle explain --fr, --from"})
    void completionCompletesCommandsOptionsAndValues(String line, String expected) throws Exception {
        Path path = Files.createDirectories(field.folder().resolve("bin"));
        Path link = path.resolve("heddle");
        if (!Files.exists(link)) {
            Files.createSymbolicLink(link, Field.HOME.resolve("heddle"));
        }
        Command.Result result = Command.of("bash", "--norc", "-c", """
                PATH=$1:$PATH
                eval "$(heddle completion)"
                COMP_WORDS=($2) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _heddle && printf '%s\n' "${COMPREPLY[@]}"
                """, "bash", path.toString(), line).with("HEDDLE_CONTROL_SOCKET", field.socket().toString()).run();
        assertThat(result.out().lines().toList()).as(result.toString()).contains(expected);
    }

    @Test
    void checkNamesFileLineAndField() throws Exception {
        Path folder = Files.createTempDirectory("heddle-itest");
        try {
            Path file = Files.writeString(folder.resolve("bad.yaml"), Yaml.route("shop", "bad", "one", """
                    - matches: [{path: {value: nothing}}]
                    """).replaceFirst("---\n", ""));
            Command.Result bad = Command.of(Field.HOME.resolve("heddle").toString(), "check", "--manifests", folder.toString()).run();
            assertThat(bad.status()).isEqualTo(1);
            assertThat(bad.out() + bad.err()).contains("bad.yaml:").contains("path");
            Files.delete(file);
            Command.Result good = Command.of(Field.HOME.resolve("heddle").toString(), "check", "--manifests", field.manifests().toString()).run();
            assertThat(good.status()).as(good.toString()).isZero();
        } finally {
            Files.deleteIfExists(folder.resolve("bad.yaml"));
            Files.delete(folder);
        }
    }

    @Test
    void anUnknownSettingIsAnErrorThatNamesTheNearestKey() throws Exception {
        Path config = Files.writeString(field.folder().resolve("bad-config.yaml"), "sterring: bind\n");
        Command.Result result = field.heddle("check", "--config", config.toString());
        assertThat(result.status()).isNotZero();
        assertThat(result.out() + result.err()).contains("sterring").contains("steering");
    }

    @Test
    void steeringEbpfThatCannotWorkIsStatus3() throws Exception {
        if (!Command.of("sh", "-c", "command -v setpriv && [ $(id -u) = 0 ]").run().out().contains("setpriv")) {
            return; // an unprivileged run meets this in the demo
        }
        Path state = Files.createTempDirectory("heddle-itest");
        try {
            Command.Result result = Command.of(List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all", Field.HOME.resolve("heddle").toString(), "run",
                    "--set", "steering=ebpf", "--set", "controlSocket=" + state.resolve("s"), "--set", "stateDir=" + state.resolve("d"), "--set", "admin.address=127.0.0.1:0")).run();
            assertThat(result.status()).as(result.toString()).isEqualTo(3);
            assertThat(result.out() + result.err()).contains("CAP_");
        } finally {
            try (var files = Files.walk(state)) {
                files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
            }
        }
    }
}
