package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** STEERING.md through the assembled daemon: clients in namespaces of their own, started by {@code heddle exec}. */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EbpfIT {
    private Pods pods;
    private Field field;
    /** A test has ended the daemon, or left things that others do not expect: the next one gets a new one. */
    private boolean spent = true;

    @BeforeEach
    void start() {
        Pods.requireRoot("eBPF end-to-end tests");
        if (!spent) {
            return;
        }
        end();
        spent = false;
        pods = new Pods("one", "two", "visitor", "fast");
        field = pods.field();
        field.backend(pods.in("one"), "one", pods.address("one"), "8080");
        field.backend(pods.in("two"), "two", pods.address("two"), "8080");
        field.manifest("shop.yaml", pods.workload("shop", "one", "one", "app1") + pods.workload("shop", "two", "two", "app2")
                + pods.workload("shop", "visitor", "visitor", "visitor") + pods.workload("shop", "twin", "visitor", "twin")
                + pods.workload("fast", "shopper", "fast", "shopper")
                + service("one", "app1", "") + service("two", "app2", "") + service("plain", "app1", "") + service("guarded", "app1", "heddle.io/when-down: closed"));
        field.manifest("routes.yaml", Yaml.route("shop", "one", "one", """
                - matches: [{path: {value: /one}}]
                  backendRefs: [{name: one, port: 80}]
                """) + Yaml.route("fast", "impatient", "shop", "one", "", """
                - timeouts: {request: 150ms}
                  backendRefs: [{name: one, namespace: shop, port: 80}]
                """) + Yaml.route("shop", "twin", "shop", "two", "heddle.io/client-service-account: twin", """
                - timeouts: {request: 150ms}
                  backendRefs: [{name: two, port: 80}]
                """) + Yaml.route("shop", "guarded", "guarded", "- backendRefs: [{name: one, port: 80}]\n"));
        field.start();
    }

    @AfterAll
    void end() {
        try {
            if (field != null) {
                field.close();
                pods.clean(field);
            }
        } finally {
            if (pods != null) {
                pods.close();
            }
            field = null;
            pods = null;
        }
    }

    private static String service(String name, String app, String annotation) {
        return """
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: %s, namespace: shop, annotations: {%s}}
                spec: {selector: {app: %s}, ports: [{port: 80, targetPort: 8080}]}
                """.formatted(name, annotation, app);
    }

    private List<String> exec(String pod, String workload) {
        List<String> words = new ArrayList<>(pods.in(pod));
        words.addAll(List.of("env", "HEDDLE_CONTROL_SOCKET=" + field.socket(), Field.HOME.resolve("heddle").toString(), "exec", "--namespace", workload.split("/")[0],
                "--workload", workload.split("/")[1], "--"));
        return words;
    }

    @Test
    void aRoutedServiceIsReachedThroughTheMeshAndTheBackendSeesTheClientsAddress() {
        Curl.Reply reply = Curl.get(exec("visitor", "shop/visitor"), "http://one.shop/one");
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.received("x-request-id")).isPresent();
        assertThat(reply.fact("peer")).hasValue(pods.address("visitor"));
        assertThat(Curl.get(exec("visitor", "shop/visitor"), "http://one.shop/other").status()).isEqualTo(404);
    }

    @Test
    void aServiceWithoutRoutesNeverReachesTheDaemon() {
        Curl.Reply reply = Curl.get(exec("visitor", "shop/visitor"), "http://plain.shop.svc.cluster.local/any");
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.received("x-request-id")).isEmpty();
        assertThat(reply.fact("peer")).hasValue(pods.address("visitor"));
    }

    @Test
    void aConsumerRouteConcernsItsNamespaceOnly() {
        assertThat(Curl.get(exec("fast", "fast/shopper"), "http://one.shop/one?wait=500").status()).isEqualTo(504);
        assertThat(Curl.get(exec("visitor", "shop/visitor"), "http://one.shop/one?wait=500").status()).isEqualTo(200);
    }

    @Test
    void twoWorkloadsInOneNetworkNamespaceAreToldApart() {
        assertThat(Curl.get(exec("visitor", "shop/twin"), "http://two.shop/x?wait=500").status()).isEqualTo(504);
        assertThat(Curl.get(exec("visitor", "shop/visitor"), "http://two.shop/x?wait=500").status()).isEqualTo(200);
    }

    @Test
    void aProcessThatIsNoWorkloadIsLeftAlone() {
        String address = field.heddle("hosts").out().lines().filter(line -> line.contains("one.shop")).findFirst().orElseThrow().split("\\s+")[0];
        assertThat(Curl.get(pods.in("visitor"), "http://" + address + "/one").exit()).isEqualTo(7);
    }

    @Test
    void aRouteEditUnderLoadLosesNoRequest() throws Exception {
        Path out = field.folder().resolve("load.out");
        List<String> words = new ArrayList<>(exec("visitor", "shop/visitor"));
        words.addAll(List.of("curl", "-s", "-Z", "--parallel-max", "50", "-o", "/dev/null", "-w", "%{http_code}\n", "http://guarded.shop/[1-10000]"));
        Process load = Command.of(words).start(out, field.folder().resolve("load.err"));
        int edits = 0;
        Await.until("the load", Duration.ofSeconds(20), () -> size(out) > 0);
        while (load.isAlive()) {
            field.manifest("routes2.yaml", Yaml.route("shop", "edited", "guarded", "- backendRefs: [{name: " + (edits++ % 2 == 0 ? "two" : "one") + ", port: 80}]\n"));
            Thread.sleep(50);
        }
        List<String> codes = Files.readAllLines(out);
        System.out.println("route edits under load, eBPF: " + codes.size() + " answers, " + edits + " edits");
        assertThat(codes).hasSize(10000).containsOnly("200");
        assertThat(edits).isGreaterThan(2);
        field.remove("routes2.yaml");
    }

    /** STEERING.md §3; DESIGN.md: with the daemon dead the pinned hooks go on balancing, and refuse where when-down is closed. */
    @Test
    void afterKill9OpenServicesAnswerAndClosedOnesRefuseUntilTheNextDaemon() throws Exception {
        spent = true;
        Path go = field.folder().resolve("go");
        Path out = field.folder().resolve("waiter.out");
        List<String> words = new ArrayList<>(exec("visitor", "shop/visitor"));
        words.addAll(List.of("sh", "-c", "echo ready; until [ -e " + go + " ]; do sleep 0.02; done; "
                + "curl -s -m 10 -H 'Connection: close' -o /dev/null -w 'open %{http_code}\n' 'http://one.shop/anything?[1-50]'; "
                + "curl -s -m 10 -o /dev/null -w 'closed %{exitcode}\n' http://guarded.shop/"));
        Process waiter = Command.of(words).start(out, field.folder().resolve("waiter.err"));
        Await.until("the waiting client", Duration.ofSeconds(20), () -> size(out) > 0);
        field.kill9();
        Files.createFile(go);
        assertThat(waiter.waitFor(40, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        List<String> lines = Files.readAllLines(out);
        assertThat(lines.stream().filter("open 200"::equals)).as(lines.toString()).hasSize(50);
        assertThat(lines).contains("closed 7");

        field.start();
        assertThat(Curl.get(exec("visitor", "shop/visitor"), "http://one.shop/other").status()).isEqualTo(404);
        assertThat(Curl.get(exec("visitor", "shop/visitor"), "http://guarded.shop/").status()).isEqualTo(200);
        spent = false;
    }

    @Test
    void aHungDaemonIsBypassed() {
        spent = true;
        // a client that is a workload already, so that it needs nothing of the daemon
        Path out = field.folder().resolve("hung.out");
        List<String> words = new ArrayList<>(exec("visitor", "shop/visitor"));
        words.addAll(List.of("sh", "-c", "echo ready; until [ -e " + field.folder().resolve("hung") + " ]; do sleep 0.02; done; "
                + "curl -s -m 20 -H 'Connection: close' -o /dev/null -w '%{http_code}\n' 'http://one.shop/anything?[1-20]'"));
        try {
            Process waiter = Command.of(words).start(out, field.folder().resolve("hung.err"));
            Await.until("the waiting client", Duration.ofSeconds(20), () -> size(out) > 0);
            signal("STOP");
            Thread.sleep(Pods.STALE_AFTER.plusSeconds(1));
            Files.createFile(field.folder().resolve("hung"));
            assertThat(waiter.waitFor(40, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readAllLines(out).stream().filter("200"::equals)).hasSize(20);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            signal("CONT");
        }
        Await.until("the daemon at work again", Duration.ofSeconds(30), () -> Curl.get(exec("visitor", "shop/visitor"), "http://one.shop/other").status() == 404, field::log);
        spent = false;
    }

    @Test
    void sigtermLeavesNothingBehind() {
        spent = true;
        Curl.get(exec("visitor", "shop/visitor"), "http://one.shop/one");
        Set<String> programs = programs();
        assertThat(programs).isNotEmpty();
        assertThat(field.stop()).isZero();
        nothingIsLeft(programs);
    }

    @Test
    void cleanRemovesWhatAKilledDaemonLeft() {
        spent = true;
        Curl.get(exec("visitor", "shop/visitor"), "http://one.shop/one");
        Set<String> programs = programs();
        field.kill9();
        assertThat(programs()).isEqualTo(programs);
        Command.Result clean = pods.clean(field);
        assertThat(clean.status()).as(clean.toString()).isZero();
        nothingIsLeft(programs);
    }

    /** Ids of the programs attached below our cgroup. */
    private Set<String> programs() {
        Set<String> ids = new TreeSet<>();
        String tree = Command.of("bpftool", "cgroup", "tree", cgroup().toString()).run().out();
        Pattern.compile("(?m)^\\s*(\\d+)\\s").matcher(tree).results().forEach(match -> ids.add(match.group(1)));
        return ids;
    }

    private void nothingIsLeft(Set<String> programs) {
        Await.until("programs " + programs + " gone", Duration.ofSeconds(30),
                () -> programs.stream().allMatch(id -> Command.of("bpftool", "prog", "show", "id", id).run().status() != 0),
                () -> Command.of("bpftool", "link", "show").run().out());
        assertThat(cgroup()).doesNotExist();
        assertThat(Path.of("/sys/fs/bpf/" + pods.own())).doesNotExist();
    }

    private Path cgroup() {
        String mount = Command.of("sh", "-c", "awk '$3 == \"cgroup2\" { print $2; exit }' /proc/mounts").run().out().strip();
        return Path.of(mount, pods.own());
    }

    private void signal(String name) {
        Command.of("kill", "-" + name, Long.toString(field.daemon().pid())).run();
    }

    private static long size(Path file) {
        try {
            return Files.exists(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
