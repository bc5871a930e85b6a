package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bundle that was swapped out leaves nothing behind: its class loader is collected, and what the framework knows of it. Each swap installs another copy, puts it in force
 *  under requests, and uninstalls the one before. {@code -Dheddle.leakSwaps=200} swaps more often. */
class LeakIT {
    private static final int SWAPS = Integer.getInteger("heddle.leakSwaps");
    /** One that was swapped out last may hang on a stack or in a cache of one entry. */
    private static final int LATE = 1;
    /** Of {@link #SWAPS}, more than may hang on like that: on a stack, in a cache, in what the collector has not come to. */
    private static final int MANY = 4;
    @TempDir Path temp;

    @Test
    void classLoadersOfSwappedBundlesAreCollected() throws IOException {
        try (Field field = Field.onBind().asShipped().set("swap.drain", "1s")) {
            field.backend("oven", 101, "8080");
            field.manifest("shop.yaml", Yaml.workload("shop", "oven", 101, "oven") + Yaml.service("shop", "oven", 11, "8000:8080") + Yaml.route("shop", "oven", "oven", """
                    - filters: [{type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: x-mesh, value: heddle}]}}]
                      backendRefs: [{name: oven, port: 8000}]
                    """));
            field.start();
            List<String> table = new ArrayList<>();
            try (Load load = new Load(field.host(11), 8000, "/", 4, 100);
                    Load connecting = new Load("", field.host(11), 8000, "/", 2, 50, false)) {
                for (String module : List.of("heddle-match", "heddle-policy", "heddle-source-file", "heddle-telemetry", "heddle-forward", "heddle-steer-bind")) {
                    table.add(swap(field, module));
                    assertThat(load.failures()).as(module).isEmpty();
                    assertThat(connecting.failures()).as(module + ", a connection each").isEmpty();
                }
            } finally {
                print(table);
            }
        }
    }

    @Test @Tag("root")
    void classLoadersOfSwappedSteeringsAreCollectedOnEbpf() throws IOException {
        Pods.requireRoot("class loaders of the eBPF steering");
        try (Pods pods = new Pods("oven");
                Field field = pods.field().asShipped().set("swap.drain", "1s")) {
            field.backend(pods.in("oven"), "oven", pods.address("oven"), "8080");
            field.manifest("shop.yaml", pods.workload("shop", "oven", "oven", "oven") + """
                    ---
                    apiVersion: v1
                    kind: Service
                    metadata: {name: oven, namespace: shop}
                    spec: {selector: {app: oven}, ports: [{port: 8000, targetPort: 8080}]}
                    """ + Yaml.route("shop", "oven", "oven", "- backendRefs: [{name: oven, port: 8000}]\n"));
            field.start();
            List<String> table = new ArrayList<>();
            try {
                table.add(swap(field, "heddle-steer"));
            } finally {
                print(table);
            }
            field.stop();
            assertThat(pods.clean(field).status()).isZero();
        }
    }

    private static void print(List<String> table) {
        System.out.println("what swaps of a bundle leave behind: its class loaders, the framework's bundles, live heap\n| module | swaps | loaders | bundles before | after | heap kB before | half way | after |\n" + String.join("\n", table));
    }

    private String swap(Field field, String module) throws IOException {
        Control control = new Control(field.socket());
        String symbolicName = module.replace('-', '.');
        String now = control.run("mesh:plugins --all").lines().filter(line -> line.matches("\\d+\\s+" + Pattern.quote(symbolicName) + "\\s.*")).map(line -> line.split("\\s+")[0]).findFirst().orElseThrow();
        Live before = Live.of(field);
        Live half = before;
        for (int swap = 0; swap < SWAPS; swap++) {
            if (SWAPS > 10 && swap == SWAPS / 2) half = Live.of(field);
            Path copy = Files.copy(Field.HOME.resolve("bundles").resolve(module + ".jar"), temp.resolve(module + "-" + swap + ".jar"));
            Matcher id = Pattern.compile("Bundle IDs?: (\\d+)").matcher(control.run("felix:install " + copy.toUri()));
            assertThat(id.find()).isTrue();
            control.run("mesh:swap " + now + " " + id.group(1));
            control.run("felix:uninstall " + now);
            now = id.group(1);
            Files.delete(copy);
        }
        String inForce = now;
        AtomicLong loaders = new AtomicLong();
        AtomicReference<Live> live = new AtomicReference<>(before);
        Await.until("the class loaders of " + module + " to be collected, and its bundles", Duration.ofSeconds(60), () -> {
            live.set(Live.of(field));
            loaders.set(loaders(field, symbolicName));
            return loaders.get() <= 1 + LATE && live.get().bundles < before.bundles + MANY;
        }, () -> loaders + " class loaders and " + live.get().bundles + " bundles (" + before.bundles + " before) after " + SWAPS + " swaps, in force is " + inForce);
        Live after = live.get();
        return "| " + module + " | " + SWAPS + " | " + loaders + " | " + before.bundles + " | " + after.bundles + " | " + before.bytes / 1000 + " | " + half.bytes / 1000 + " | " + after.bytes / 1000 + " |";
    }

    /** How many class loaders of bundles of that name have not been collected: each has a class of this name. */
    private static long loaders(Field field, String symbolicName) {
        // a class is listed once for each loader that has it
        Pattern component = Pattern.compile("(?m)^.*\\b" + Pattern.quote(symbolicName) + "\\.internal\\.(TrieRouteCompiler|balance\\.RoundRobinFactory|FileSource|PrometheusSink|NettyForwarder|EbpfSteering|BindSteering)/0x[0-9a-f]+.*$");
        return component.matcher(field.jcmd("VM.class_hierarchy")).results().count();
    }

    /** What is alive: the framework's bundles and all bytes. The histogram collects first. */
    private record Live(long bundles, long bytes) {
        private static final Pattern BUNDLES = Pattern.compile("\\d+:\\s+(\\d+)\\s+\\d+\\s+org\\.apache\\.felix\\.framework\\.BundleImpl\\s");
        private static final Pattern TOTAL = Pattern.compile("Total\\s+\\d+\\s+(\\d+)");

        static Live of(Field field) {
            String histogram = field.jcmd("GC.class_histogram");
            return new Live(number(BUNDLES, histogram), number(TOTAL, histogram));
        }

        private static long number(Pattern pattern, String histogram) {
            Matcher line = pattern.matcher(histogram);
            assertThat(line.find()).as(histogram).isTrue();
            return Long.parseLong(line.group(1));
        }
    }
}
