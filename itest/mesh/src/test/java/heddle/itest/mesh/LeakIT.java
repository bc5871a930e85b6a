package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bundle that was swapped out leaves nothing behind: its class loader is collected. Each swap installs another copy, puts it in force
 *  under requests, and uninstalls the one before. {@code -Dheddle.leakSwaps=200} swaps more often. */
class LeakIT {
    private static final int SWAPS = Integer.getInteger("heddle.leakSwaps");
    /** One that was swapped out last may hang on a stack or in a cache of one entry. */
    private static final int LATE = 1;
    @TempDir Path temp;

    @Test
    void classLoadersOfSwappedBundlesAreCollected() throws IOException {
        try (Field field = Field.onBind().set("swap.drain", "1s")) {
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
                Field field = pods.field().set("swap.drain", "1s")) {
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
        System.out.println("class loaders of a bundle and used heap, before and after swaps of it:\n| module | swaps | loaders | heap MB before | after |\n" + String.join("\n", table));
    }

    private String swap(Field field, String module) throws IOException {
        Control control = new Control(field.socket());
        String symbolicName = module.replace('-', '.');
        String now = field.heddle("plugins", "--all").out().lines().filter(line -> line.matches("\\d+\\s+" + Pattern.quote(symbolicName) + "\\s.*")).map(line -> line.split("\\s+")[0]).findFirst().orElseThrow();
        long heap = heap(field);
        for (int swap = 0; swap < SWAPS; swap++) {
            Path copy = Files.copy(Field.HOME.resolve("bundles").resolve(module + ".jar"), temp.resolve(module + "-" + swap + ".jar"));
            Matcher id = Pattern.compile("Bundle IDs?: (\\d+)").matcher(control.run("felix:install " + copy.toUri()));
            assertThat(id.find()).isTrue();
            control.run("mesh:swap " + now + " " + id.group(1));
            control.run("felix:uninstall " + now);
            now = id.group(1);
            Files.delete(copy);
        }
        String inForce = now;
        Await.until("the class loaders of " + module + " to be collected", Duration.ofSeconds(60), () -> loaders(field, symbolicName) <= 1 + LATE,
                () -> loaders(field, symbolicName) + " after " + SWAPS + " swaps, in force is " + inForce);
        return "| " + module + " | " + SWAPS + " | " + loaders(field, symbolicName) + " | " + heap / 1_000_000 + " | " + heap(field) / 1_000_000 + " |";
    }

    /** How many class loaders of bundles of that name are alive: each has a class of this name. */
    private static long loaders(Field field, String symbolicName) {
        jcmd(field, "GC.run");
        // a class is listed once for each loader that has it
        Pattern component = Pattern.compile("(?m)^.*\\b" + Pattern.quote(symbolicName) + "\\.internal\\.(TrieRouteCompiler|balance\\.RoundRobinFactory|FileSource|PrometheusSink|NettyForwarder|EbpfSteering|BindSteering)/0x[0-9a-f]+.*$");
        return component.matcher(jcmd(field, "VM.class_hierarchy")).results().count();
    }

    private static long heap(Field field) {
        jcmd(field, "GC.run");
        Matcher used = Pattern.compile("(?m)(\\d+)K?, used (\\d+)K").matcher(jcmd(field, "GC.heap_info"));
        long sum = 0;
        while (used.find()) sum += Long.parseLong(used.group(2)) * 1024;
        return sum;
    }

    private static String jcmd(Field field, String command) {
        Command.Result result = Command.of(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(field.daemon().pid()), command).run();
        assertThat(result.status()).as(result.toString()).isZero();
        return result.out();
    }
}
