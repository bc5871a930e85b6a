package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue "plugins": every module is swapped for another, forth and back, under {@link SwapLoad}. No request fails and no stream breaks; the
 *  forwarder's swap may end streams, after the time to drain. The other module is a second copy of the same bundle. Latency is compared
 *  with that of windows between the swaps, since a machine is not as fast in one minute as in the next; {@code -Dheddle.swaps=100} swaps
 *  often enough for that. */
class SwapIT {
    private static final int SWAPS = Integer.getInteger("heddle.swaps");
    private static final Duration DRAIN = Duration.ofSeconds(1);
    private static final int STREAMS = 30;
    /** Of a window without swaps, and of the time after each swap. */
    private static final int ANSWERS = Math.min(500, 20 * SWAPS);
    private static final Pattern REPORT = Pattern.compile("generation (\\d+) -> (\\d+), (\\d+) leases and (\\d+) connections drained, (\\d+) requests failed, ([0-9.]+) s");
    private static final String ROUTE = """
            - matches: [{path: {type: PathPrefix, value: /bake}}]
              filters: [{type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: x-mesh, value: heddle}]}}]
              backendRefs: [{name: oven, port: 8000}]
            """;
    @TempDir Path temp;
    private final List<String> table = new ArrayList<>();

    @Test
    void modulesAreSwappedUnderLoadWithoutAFailure() throws IOException {
        try (Field field = Field.onBind().asShipped().set("swap.drain", DRAIN.toSeconds() + "s")) {
            field.backend("oven", 101, "8080");
            field.manifest("shop.yaml", Yaml.workload("shop", "oven", 101, "oven") + Yaml.service("shop", "oven", 11, "8000:8080") + Yaml.route("shop", "oven", "oven", ROUTE));
            field.start();
            try (SwapLoad.Running load = SwapLoad.Running.start(List.of(), field.folder(), field.host(11), 8000, "/bake")) {
                swapAll(field, load, "heddle-match", "heddle-policy", "heddle-source-file", "heddle-telemetry", "heddle-forward");
            }
            assertThat(Curl.get("http://" + field.host(11) + ":8000/bake").header("x-mesh")).contains("heddle");
            assertThat(field.log()).contains("command mesh:swap ");
        } finally {
            print("steer-bind");
        }
    }

    @Test @Tag("root")
    void forwarderAndSteeringAreSwappedUnderLoadOnEbpf() throws IOException {
        Pods.requireRoot("swaps on eBPF");
        try (Pods pods = new Pods("oven", "visitor");
                Field field = pods.field().asShipped().set("swap.drain", DRAIN.toSeconds() + "s")) {
            field.backend(pods.in("oven"), "oven", pods.address("oven"), "8080");
            field.manifest("shop.yaml", pods.workload("shop", "oven", "oven", "oven") + pods.workload("shop", "visitor", "visitor", "visitor") + """
                    ---
                    apiVersion: v1
                    kind: Service
                    metadata: {name: oven, namespace: shop, annotations: {heddle.io/when-down: closed}}
                    spec: {selector: {app: oven}, ports: [{port: 8000, targetPort: 8080}]}
                    """ + Yaml.route("shop", "oven", "oven", ROUTE));
            field.start();
            String address = field.heddle("hosts").out().lines().filter(line -> line.contains("oven.shop")).findFirst().orElseThrow().split("\\s+")[0];
            List<String> exec = new ArrayList<>(pods.in("visitor"));
            exec.addAll(List.of("env", "HEDDLE_CONTROL_SOCKET=" + field.socket(), Field.HOME.resolve("heddle").toString(), "exec", "--namespace", "shop", "--workload", "visitor", "--"));
            try (SwapLoad.Running load = SwapLoad.Running.start(exec, field.folder(), address, 8000, "/bake")) {
                swapAll(field, load, "heddle-forward", "heddle-steer");
            } finally {
                field.stop();
                pods.clean(field);
            }
        } finally {
            print("steer");
        }
    }

    private void swapAll(Field field, SwapLoad.Running load, String... modules) throws IOException {
        load.more(12 * ANSWERS);
        for (String module : modules) {
            Path copy = Files.copy(Field.HOME.resolve("bundles").resolve(module + ".jar"), temp.resolve(module + "-copy.jar"));
            swap(field, load, module, id(field, module.replace('-', '.')), installed(field, copy));
        }
    }

    private void swap(Field field, SwapLoad.Running load, String module, String first, String second) {
        Control control = new Control(field.socket());
        List<Times> without = new ArrayList<>();
        List<Times> with = new ArrayList<>();
        SwapLoad.Seen begin = load.seen();
        int logged = field.log().length();
        double seconds = 0;
        long drained = 0;
        int forwarders = 0;
        for (int swap = 0; swap < SWAPS; swap++) {
            if (SWAPS > 10) load.more(ANSWERS);     // what the last swap left behind is in neither
            SwapLoad.Seen quiet = load.seen();
            SwapLoad.Seen before = load.more(ANSWERS);
            try (Forwarders live = new Forwarders(field.daemon())) {
                long start = System.nanoTime();
                String out = control.run("mesh:swap " + (swap % 2 == 0 ? first + " " + second : second + " " + first));
                SwapLoad.Seen after = load.more(ANSWERS);
                without.add(before.times().since(quiet.times()));
                with.add(after.times().since(before.times()));
                Matcher report = REPORT.matcher(out);
                assertThat(report.find()).as(out).isTrue();
                drained += Long.parseLong(report.group(3)) + Long.parseLong(report.group(4));
                seconds += Double.parseDouble(report.group(6));
                String where = module + ", swap " + swap + ": " + out;
                assertThat(after.failures()).as(where).isEmpty();
                assertThat(live.most()).as("forwarders at a time: " + where).isLessThanOrEqualTo(2);
                forwarders = Math.max(forwarders, live.most());
                if (module.equals("heddle-forward")) {
                    assertThat(Integer.parseInt(report.group(5))).as("reset at the end of the drain: " + where).isLessThanOrEqualTo(STREAMS);
                    assertThat(after.breaksSince(before)).as(where).allSatisfy(each -> assertThat(each.nanos() - start).as(each.what()).isGreaterThanOrEqualTo(DRAIN.toNanos()));
                } else {
                    assertThat(report.group(5)).as("requests failed by the daemon's own count: " + where).isEqualTo("0");
                    assertThat(after.breaksSince(before)).as(where).isEmpty();
                }
            }
        }
        List<String> published = field.log().substring(logged).lines().filter(line -> line.contains("snapshot published ")).toList();
        assertThat(published).as("a source that left before the next had delivered would take the rule with it").allSatisfy(line -> assertThat(line).contains(" rules=1 "));
        if (module.equals("heddle-source-file")) assertThat(published).hasSizeGreaterThanOrEqualTo(SWAPS);
        assertThat(forwarders).as("forwarders at a time").isEqualTo(module.equals("heddle-forward") ? 2 : 1);
        SwapLoad.Seen end = load.seen();
        double p99Without = Times.all(without).p99();
        double p99With = Times.all(with).p99();
        table.add(String.format(Locale.ROOT, "| %s | %d | %d | %d | %d | %d | %.2f | %.2f | %.2f | %.2f |", module, SWAPS, Times.all(with).answers(), end.failures().size(),
                end.breaksSince(begin).size(), drained, seconds / SWAPS, p99Without, p99With, p99With / p99Without));
    }

    private void print(String steering) {
        System.out.println("swaps under 2,000 requests a second, 20 streams and 10 WebSockets, " + steering + ":\n"
                + "| module | swaps | answers | failed | streams ended | drained | s a swap | p99 ms without | p99 ms while swapping | ratio |\n" + String.join("\n", table));
    }

    private static String id(Field field, String symbolicName) {
        return new Control(field.socket()).run("mesh:plugins --all").lines().filter(line -> line.matches("\\d+\\s+" + Pattern.quote(symbolicName) + "\\s.*")).map(line -> line.split("\\s+")[0]).findFirst().orElseThrow();
    }

    private static String installed(Field field, Path jar) {
        String out = new Control(field.socket()).run("felix:install " + jar.toUri());
        Matcher id = Pattern.compile("Bundle IDs?: (\\d+)").matcher(out);
        assertThat(id.find()).as(out).isTrue();
        return id.group(1);
    }
}
