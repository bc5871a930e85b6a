package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** STEERING.md §3, the assembled daemon: stopped, killed and replaced under 1,000 requests a second, half of them with a connection each.
 *  The route sends everything to backend two, without the mesh everything goes to one: so the answers tell who was bypassed. */
@Tag("root")
class UpgradeIT {
    private static final int KEPT = 20;
    private Pods pods;
    private Field field;
    private final List<Process> loads = new ArrayList<>();

    @BeforeEach
    void start() {
        Pods.requireRoot("upgrade tests");
        pods = new Pods("one", "two", "visitor");
        field = pods.field();
        field.backend(pods.in("one"), "one", pods.address("one"), "8080");
        field.backend(pods.in("two"), "two", pods.address("two"), "8080");
        field.manifest("shop.yaml", pods.workload("shop", "one", "one", "app1") + pods.workload("shop", "two", "two", "app2")
                + pods.workload("shop", "visitor", "visitor", "visitor") + service("front", "app1") + service("two", "app2"));
        // a route for this client alone: its client class must hold too
        field.manifest("routes.yaml", Yaml.route("shop", "front", "shop", "front", "heddle.io/client-service-account: visitor", "- backendRefs: [{name: two, port: 80}]\n"));
    }

    @AfterEach
    void end() {
        // gone before the daemon ends, so that it can remove their cgroup
        List<ProcessHandle> processes = loads.stream().flatMap(load -> Stream.concat(load.descendants(), Stream.of(load.toHandle()))).toList();
        processes.forEach(ProcessHandle::destroyForcibly);
        processes.forEach(each -> each.onExit().orTimeout(30, TimeUnit.SECONDS).join());
        try {
            if (field != null) {
                field.close();
                pods.clean(field);
            }
        } finally {
            if (pods != null) {
                pods.close();
            }
        }
    }

    private static String service(String name, String app) {
        return """
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: %s, namespace: shop}
                spec: {selector: {app: %s}, ports: [{port: 80, targetPort: 8080}]}
                """.formatted(name, app);
    }

    /** What the two loads have seen up to now. */
    private record Seen(long answers, long one, long two, List<String> failures) {
        static Seen of(Path... outputs) {
            long answers = 0;
            long one = 0;
            long two = 0;
            List<String> failures = new ArrayList<>();
            for (Path output : outputs) {
                String last = lastLine(output);
                answers += number("answers=(\\d+)", last);
                one += number("one=(\\d+)", last);
                two += number("two=(\\d+)", last);
                String failed = last.replaceFirst(".*failures=\\[", "").replaceFirst("]$", "");
                if (!failed.isEmpty()) {
                    failures.addAll(List.of(failed.split(", ")));
                }
            }
            return new Seen(answers, one, two, failures);
        }

        private static long number(String pattern, String line) {
            Matcher matcher = Pattern.compile(pattern).matcher(line);
            return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
        }

        private static String lastLine(Path file) {
            try {
                List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
                return lines.size() < 2 ? "" : lines.get(lines.size() - 2).startsWith("answers=") && !lines.getLast().endsWith("]") ? lines.get(lines.size() - 2) : lines.getLast();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    private Seen seen() {
        return Seen.of(field.folder().resolve("kept.out"), field.folder().resolve("fresh.out"));
    }

    private void load() {
        String address = field.heddle("hosts").out().lines().filter(line -> line.contains("front.shop")).findFirst().orElseThrow().split("\\s+")[0];
        load("kept", address, KEPT, true);
        load("fresh", address, 20, false);
        more(1000);
    }

    private void load(String name, String address, int connections, boolean kept) {
        List<String> words = new ArrayList<>(pods.in("visitor"));
        words.addAll(List.of("env", "HEDDLE_CONTROL_SOCKET=" + field.socket(), Field.HOME.resolve("heddle").toString(), "exec", "--namespace", "shop", "--workload", "visitor", "--",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx64m", "-cp",
                Load.class.getProtectionDomain().getCodeSource().getLocation().getPath(), Load.class.getName(), address, "80", "/", Integer.toString(connections), "500", Boolean.toString(kept)));
        try {
            loads.add(Command.of(words).start(field.folder().resolve(name + ".out"), field.folder().resolve(name + ".err")));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until the loads have had so many more answers. */
    private void more(long answers) {
        long before = seen().answers();
        Await.until(answers + " more answers", Duration.ofSeconds(60), () -> seen().answers() >= before + answers, () -> seen() + field.log());
    }

    private static void ended(Process daemon) {
        try {
            assertThat(daemon.waitFor(60, TimeUnit.SECONDS)).as("the daemon before has ended").isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assertThat(daemon.exitValue()).isZero();
    }

    @Test
    void anUpgradeUnderLoadLosesNoRequestAndBypassesNone() {
        field.start();
        load();
        for (int i = 0; i < 3; i++) {
            ended(field.takeOver());
            more(1000);
        }
        Seen seen = seen();
        System.out.println("3 upgrades under load: " + seen);
        assertThat(seen.failures()).isEmpty();
        assertThat(seen.one()).as("bypassed: " + seen).isZero();
        assertThat(seen.answers()).isGreaterThan(4000);
        assertThat(field.heddle("status").status()).isZero();
        assertThat(field.heddle("stop").status()).isZero();
        ended(field.daemon());
        assertThat(field.socket()).doesNotExist();
        assertThat(Path.of("/sys/fs/bpf/" + pods.own())).doesNotExist();
    }

    /** In between the kernel balances over the Service's own endpoints (when-down: open, steer.onStop: keep). */
    @Test
    void aRestartBySigtermLosesNoRequest() {
        field.set("steer.onStop", "keep").start();
        load();
        assertThat(field.stop()).isZero();
        long bypassed = seen().one();
        more(1000);
        field.start();
        more(1000);
        Seen seen = seen();
        System.out.println("restart by SIGTERM under load: " + seen);
        assertThat(seen.failures()).isEmpty();
        assertThat(seen.one()).isGreaterThan(bypassed);
        long two = seen.two();
        more(200);
        assertThat(seen().two()).as("steered again").isGreaterThan(two);
        field.stop();
    }

    /** What is under way dies with the process; nobody is refused. */
    @Test
    void aKilledDaemonRefusesNoConnection() {
        field.start();
        load();
        field.kill9();
        more(1000);
        field.start();
        more(1000);
        Seen seen = seen();
        System.out.println("kill -9 under load: " + seen);
        assertThat(seen.failures()).noneMatch(failure -> failure.contains("refused"));
        assertThat(seen.failures()).as("those under way").hasSizeLessThanOrEqualTo(KEPT + 20);
    }

    /** As kubelet does it: each daemon has a control socket of its own, and the new one dies before it was any good. */
    @Test
    void whenTheSuccessorDiesTheOneBeforeSteersAgain() {
        field.start();
        load();
        Process first = field.daemon();
        Process second = null;
        try {
            field.takeOver("--set", "controlSocket=" + field.folder().resolve("second.sock"));
            second = field.daemon();
            assertThat(first.isAlive()).isTrue();
            Await.until("the first one says so", Duration.ofSeconds(20), () -> field.heddle("status").out().contains("has taken over"), () -> field.heddle("status").toString());
            more(500);
            assertThat(seen().failures()).isEmpty();
            assertThat(seen().one()).isZero();
            second.descendants().forEach(ProcessHandle::destroyForcibly);
            second.destroyForcibly();
            Await.until("the first one steers again", Duration.ofSeconds(30), () -> !field.heddle("status").out().contains("has taken over"));
            long one = seen().one();
            more(1000);
            Seen seen = seen();
            System.out.println("successor killed under load: " + seen);
            assertThat(seen.one()).as("still bypassed").isLessThan(one + 100);
            assertThat(seen.failures()).noneMatch(failure -> failure.contains("refused"));
        } finally {
            first.destroy();
            ended(first);
        }
    }

    @Test
    void aSecondDaemonThatMayNotOrCannotTakeOverEndsAndTheFirstGoesOn() throws InterruptedException {
        field.start();
        Process first = field.daemon();
        try {
            Process second = field.launch("second.log", "--set", "controlSocket=" + field.folder().resolve("second.sock"));
            assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(second.exitValue()).as(field.log()).isEqualTo(4);
            assertThat(field.log()).contains("--take-over");
            Process third = field.launch("third.log");
            assertThat(third.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(third.exitValue()).as(field.log()).isEqualTo(4);
            load();
            more(200);
            // a source that cannot start: the label selector is broken
            Process fourth = field.launch("fourth.log", "--take-over", "--set", "takeOverLimit=3s", "--kubernetes", "--node-name", "n", "--set", "kube.meshNamespaces=a in (");
            Await.until("the one that cannot get ready ends", Duration.ofSeconds(60), () -> !fourth.isAlive(), field::log);
            assertThat(fourth.exitValue()).as(field.log()).isEqualTo(1);
            assertThat(field.log()).contains("not ready within takeOverLimit=3s", "source kube has not started", "kube.meshNamespaces");
            assertThat(field.heddle("status").status()).as("the first one is at work").isZero();
            more(200);
            assertThat(seen().failures()).isEmpty();
            assertThat(seen().one()).isZero();
        } finally {
            first.destroy();
            ended(first);
        }
    }
}
