package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What happens to running traffic when manifests change and when the daemon ends; on steer-bind. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LifeIT {
    private Field field;
    /** A test has ended the daemon: the next one gets a new one. */
    private boolean spent = true;
    /** Requests have gone through the daemon before this test. */
    private boolean used;

    @BeforeEach
    void start() {
        used = !spent;
        if (spent) {
            begin();
            return;
        }
        routeTo("one");
        Await.until("the route as it was", Duration.ofSeconds(30), () -> Curl.get(front("/")).backend().equals("one"), field::log);
    }

    private void begin() {
        end();
        spent = false;
        field = Field.onBind();
        field.backend("one", 101, "8080");
        field.backend("two", 102, "8080");
        field.manifest("two.yaml", Yaml.workload("shop", "two", 102, "two"));
        field.manifest("shop.yaml", Yaml.workload("shop", "one", 101, "one") + Yaml.service("shop", "one", 11, "8000:8080") + Yaml.service("shop", "two", 12, "8000:8080") + Yaml.service("shop", "front", 13, "8000:8080"));
        routeTo("one");
        field.start();
    }

    @AfterAll
    void end() {
        if (field != null) field.close();
        field = null;
    }

    private void routeTo(String backend) {
        field.manifest("route.yaml", Yaml.route("shop", "front", "front", """
                - backendRefs: [{name: %s, port: 8000}]
                """.formatted(backend)));
    }

    private String front(String path) {
        return "http://" + field.host(13) + ":8000" + path;
    }

    /** Issue "first usable daemon": route edit under 2,000 requests a second on 50 connections: 0 failed requests. */
    @Test
    void aRouteEditUnderLoadLosesNoRequest() {
        List<Long> millis = new ArrayList<>();
        Load load = new Load(field.host(13), 8000, "/", 50, 2000);
        try (load) {
            Await.until("the load", Duration.ofSeconds(30), () -> load.answers() > 2000);
            for (int edit = 0; edit < 20; edit++) {
                String to = edit % 2 == 0 ? "two" : "one";
                long before = load.backends().getOrDefault(to, 0L);
                long start = System.nanoTime();
                routeTo(to);
                Await.until("edit " + edit, Duration.ofSeconds(30), () -> load.backends().getOrDefault(to, 0L) > before, field::log);
                millis.add((System.nanoTime() - start) / 1_000_000);
                // let the old backend's last answers pass, so that the next edit is seen by its first new one
                long answers = load.answers();
                Await.until("answers between edits", Duration.ofSeconds(30), () -> load.answers() > answers + 300);
            }
        }
        Collections.sort(millis);
        System.out.println("route edits under load: " + load.answers() + " answers, failures " + load.failures().size() + ", in force after median "
                + millis.get(10) + " ms, worst " + millis.getLast() + " ms");
        assertThat(load.failures()).isEmpty();
        assertThat(load.answers()).isGreaterThan(5000);
        assertThat(load.backends().keySet()).containsExactlyInAnyOrder("one", "two");
    }

    @Test
    void endpointsComeAndGoUnderLoadWithoutAFailure() {
        Load load = new Load(field.host(13), 8000, "/", 10, 400);
        try (load) {
            for (int i = 0; i < 10; i++) {
                // the Service of backend one now has both workloads, then one again
                field.manifest("two.yaml", Yaml.workload("shop", "two", 102, i % 2 == 0 ? "one" : "two"));
                long answers = load.answers();
                Await.until("answers between edits", Duration.ofSeconds(30), () -> load.answers() > answers + 60);
            }
        }
        assertThat(load.failures()).isEmpty();
    }

    @Test
    void aRemovedRouteLeavesTheServiceAsIfThereWereNoMesh() {
        field.manifest("route.yaml", Yaml.route("shop", "front", "front", "- matches: [{path: {value: /only}}]\n  backendRefs: [{name: one, port: 8000}]\n"));
        Await.until("the narrow route", Duration.ofSeconds(30), () -> Curl.get(front("/x")).status() == 404);
        field.remove("route.yaml");
        Await.until("no route", Duration.ofSeconds(30), () -> Curl.get(front("/x")).status() != 404);
    }

    @Test
    void aNewServiceIsListenedForAndARemovedOneRefused() {
        String url = "http://" + field.host(20) + ":8000/";
        assertThat(Curl.get(url).exit()).isEqualTo(7);
        field.manifest("late.yaml", Yaml.service("shop", "late", 20, "8000:8080") + Yaml.workload("shop", "late", 101, "late"));
        Await.until("the new Service", Duration.ofSeconds(30), () -> Curl.get(url).status() == 200);
        field.remove("late.yaml");
        Await.until("the Service gone", Duration.ofSeconds(30), () -> Curl.get(url).exit() == 7);
    }

    /** DESIGN.md: a broken file keeps the last good state of its objects, names file, line and field, and shows in status. */
    @Test
    void aBrokenManifestKeepsTheLastGoodState() {
        field.manifest("route.yaml", Yaml.route("shop", "front", "front", "- backendRefs: [{name: two, port: many}]\n"));
        Await.until("the problem in status", Duration.ofSeconds(30), () -> field.heddle("status").out().contains("route.yaml"),
                () -> field.heddle("status").toString());
        assertThat(field.heddle("status").out()).contains("port");
        assertThat(Curl.get(front("/")).backend()).isEqualTo("one");

        field.manifest("route.yaml", "rules: [ {");
        Await.until("the syntax error in status", Duration.ofSeconds(30), () -> field.heddle("status").out().contains("route.yaml"));
        assertThat(Curl.get(front("/")).backend()).isEqualTo("one");

        routeTo("two");
        Await.until("the repaired route", Duration.ofSeconds(30), () -> Curl.get(front("/")).backend().equals("two"));
        assertThat(field.heddle("status").out()).doesNotContain("route.yaml:");
    }

    /** Issue: SIGTERM drains and removes what it attached. */
    @Test
    void sigtermLetsRunningRequestsEndAndLeavesNothing() throws Exception {
        if (used) begin();      // the first connection to the backend tells that the request is there
        spent = true;
        var slow = java.util.concurrent.CompletableFuture.supplyAsync(() -> Curl.get(front("/?wait=1500")));
        Await.until("the request at the backend", Duration.ofSeconds(30), () -> connectedTo(field.host(101)));
        assertThat(field.stop()).isZero();
        assertThat(slow.get().status()).isEqualTo(200);
        assertThat(Files.exists(field.socket())).isFalse();
        assertThat(Curl.get(front("/")).exit()).isEqualTo(7);
    }

    @Test
    void afterKill9ANewDaemonHasTheSameAddresses() {
        spent = true;
        field.manifest("noaddress.yaml", """
                apiVersion: v1
                kind: Service
                metadata: {name: dynamic, namespace: shop}
                spec: {selector: {app: one}, ports: [{port: 8000, targetPort: 8080}]}
                """);
        Await.until("an address", Duration.ofSeconds(30), () -> field.heddle("hosts").out().contains("dynamic.shop"));
        String hosts = field.heddle("hosts").out();
        field.kill9();
        assertThat(Curl.get(front("/")).exit()).isEqualTo(7);
        field.start();
        assertThat(Curl.get(front("/")).status()).isEqualTo(200);
        assertThat(field.heddle("hosts").out()).isEqualTo(hosts);
    }

    /** True when some TCP connection to the address is established. */
    private static boolean connectedTo(String address) {
        return !Command.of("ss", "-Htn", "state", "established", "dst", address).run().out().isBlank();
    }
}
