package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Issue "plugins": every module is swapped for another, forth and back, under 2,000 requests a second on 50 connections, and no request
 *  fails. The other one is a second copy of the same bundle. {@code -Dswaps=100} swaps more often. On steer-bind; the steering's own
 *  swap needs eBPF ({@link EbpfIT}). */
class SwapIT {
    private static final int SWAPS = Integer.getInteger("swaps", 10);
    private static final Pattern REPORT = Pattern.compile("generation (\\d+) -> (\\d+), (\\d+) leases and (\\d+) connections drained, (\\d+) requests failed, ([0-9.]+) s");
    @TempDir Path temp;
    private Field field;

    @BeforeEach
    void start() {
        field = Field.onBind().set("swap.drain", "1s");
        field.backend("oven", 101, "8080");
        field.manifest("shop.yaml", Yaml.workload("shop", "oven", 101, "oven") + Yaml.service("shop", "oven", 11, "8000:8080") + Yaml.route("shop", "oven", "oven", """
                - matches: [{path: {type: PathPrefix, value: /bake}}]
                  filters: [{type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: x-mesh, value: heddle}]}}]
                  backendRefs: [{name: oven, port: 8000}]
                """));
        field.start();
    }

    @AfterEach
    void end() {
        field.close();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"heddle-match", "heddle-policy", "heddle-source-file", "heddle-telemetry", "heddle-forward"})
    void aModuleIsSwappedUnderLoadWithoutAFailure(String module) throws IOException {
        Path copy = Files.copy(Field.HOME.resolve("bundles").resolve(module + ".jar"), temp.resolve(module + "-copy.jar"));
        String first = id(module.replace('-', '.'));
        String second = installed(copy);
        double quiet;
        double swapping;
        double seconds = 0;
        long leases = 0;
        Load load = new Load(field.host(11), 8000, "/bake", 50, 2000);
        try (load) {
            Await.until("the load", Duration.ofSeconds(30), () -> load.answers() > 4000);
            load.p99Millis();
            long warm = load.answers();
            Await.until("the load", Duration.ofSeconds(30), () -> load.answers() > warm + 4000);
            quiet = load.p99Millis();
            for (int swap = 0; swap < SWAPS; swap++) {
                Command.Result result = field.heddle("swap", swap % 2 == 0 ? first : second, swap % 2 == 0 ? second : first);
                assertThat(result.status()).as(result.toString()).isZero();
                Matcher report = REPORT.matcher(result.out());
                assertThat(report.find()).as(result.out()).isTrue();
                assertThat(report.group(5)).as("requests failed by the daemon's own count").isEqualTo("0");
                leases += Long.parseLong(report.group(3)) + Long.parseLong(report.group(4));
                seconds += Double.parseDouble(report.group(6));
                long answers = load.answers();
                Await.until("answers between swaps", Duration.ofSeconds(30), () -> load.answers() > answers + 500, field::log);
            }
            swapping = load.p99Millis();
        }
        System.out.printf("swap %s: %d swaps, %d answers, failures %d, drained %d, %.2f s a swap, p99 %.2f ms before, %.2f ms while swapping%n", module, SWAPS, load.answers(), load.failures().size(),
                leases, seconds / SWAPS, quiet, swapping);
        assertThat(load.failures()).isEmpty();
        assertThat(Curl.get("http://" + field.host(11) + ":8000/bake").header("x-mesh")).contains("heddle");
        assertThat(field.log()).contains("command mesh:swap ");
    }

    private String id(String symbolicName) {
        return field.heddle("plugins", "--all").out().lines().filter(line -> line.matches("\\d+\\s+" + Pattern.quote(symbolicName) + "\\s.*")).map(line -> line.split("\\s+")[0]).findFirst().orElseThrow();
    }

    private String installed(Path jar) {
        Command.Result result = field.heddle("shell", "felix:install " + jar.toUri());
        Matcher id = Pattern.compile("Bundle IDs?: (\\d+)").matcher(result.out());
        assertThat(id.find()).as(result.toString()).isTrue();
        return id.group(1);
    }
}
