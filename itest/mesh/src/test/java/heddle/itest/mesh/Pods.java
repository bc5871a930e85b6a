package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Network namespaces on one bridge, none with a way out; {@code node} is the daemon's. Needs root. */
final class Pods implements AutoCloseable {
    static final Duration STALE_AFTER = Duration.ofSeconds(6);

    private final String prefix = "hit" + ProcessHandle.current().pid() % 10000 + "-";
    private final List<String> names;

    Pods(String... names) {
        this.names = List.of(names);
        try {
            make("node");
            ip("-n", prefix + "node", "link", "add", "br0", "type", "bridge");
            ip("-n", prefix + "node", "link", "set", "br0", "up");
            ip("-n", prefix + "node", "addr", "add", "10.88.0.1/24", "dev", "br0");
            for (String name : names) {
                make(name);
                ip("-n", prefix + "node", "link", "add", "v-" + name, "type", "veth", "peer", "name", "eth0", "netns", prefix + name);
                ip("-n", prefix + "node", "link", "set", "v-" + name, "master", "br0", "up");
                ip("-n", prefix + name, "addr", "add", address(name) + "/24", "dev", "eth0");
                ip("-n", prefix + name, "link", "set", "eth0", "up");
            }
        } catch (AssertionError e) {
            close();
            throw e;
        }
    }

    /** Says loudly what is skipped without root; where HEDDLE_REQUIRE_ROOT_TESTS=1 promises root, that is a failure. */
    static void requireRoot(String what) {
        if (Command.of("id", "-u").run().out().strip().equals("0")) {
            return;
        }
        String message = "SKIPPED " + what + ": not root";
        System.out.println(message);
        if ("1".equals(System.getenv("HEDDLE_REQUIRE_ROOT_TESTS"))) {
            throw new AssertionError(message + ", and HEDDLE_REQUIRE_ROOT_TESTS=1");
        }
        abort(message);
    }

    String address(String name) {
        return "10.88.0." + (10 + names.indexOf(name));
    }

    /** The words that put a command into a pod's network; /sys and all files stay the same. */
    List<String> in(String name) {
        return List.of("nsenter", "--net=/run/netns/" + prefix + name, "--");
    }

    /** A name that no other run of these tests has, for cgroup and pins. */
    String own() {
        return prefix + "heddle";
    }

    /** A daemon of their node that steers by eBPF, with cgroup and pins of its own. It counts as hung late: a machine full of tests may give
     *  it no processor for seconds. */
    Field field() {
        return Field.onEbpf(in("node")).set("steer.cgroup", own()).set("steer.pinDirectory", "/sys/fs/bpf/" + own()).set("steer.staleAfter", STALE_AFTER.toSeconds() + "s");
    }

    /** {@code heddle clean} of what the field's daemon has left. */
    Command.Result clean(Field field) {
        return field.heddle("clean", "--set", "steer.cgroup=" + own(), "--set", "steer.pinDirectory=/sys/fs/bpf/" + own());
    }

    /** Manifest of a workload that lives in a pod. */
    String workload(String namespace, String name, String pod, String app) {
        return """
                ---
                apiVersion: heddle.io/v1alpha1
                kind: Workload
                metadata: {name: %s, namespace: %s, labels: {app: %s}}
                spec: {addresses: [%s], serviceAccountName: %s}
                """.formatted(name, namespace, app, address(pod), name);
    }

    @Override
    public void close() {
        List<String> all = new ArrayList<>(names);
        all.add("node");
        all.stream().filter(name -> Files.exists(Path.of("/run/netns/" + prefix + name))).forEach(name -> ip("netns", "del", prefix + name));
    }

    private void make(String name) {
        ip("netns", "add", prefix + name);
        ip("-n", prefix + name, "link", "set", "lo", "up");
    }

    private static void ip(String... words) {
        List<String> all = new ArrayList<>(List.of("ip"));
        all.addAll(List.of(words));
        Command.Result result = Command.of(all).run();
        assertThat(result.status()).as(all + ": " + result).isZero();
    }
}
