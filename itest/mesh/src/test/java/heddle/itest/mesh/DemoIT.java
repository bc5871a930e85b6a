package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code heddle demo} is the newcomer's first command: all as expected, nothing left, also when interrupted. */
@Tag("root")
class DemoIT {
    private static final String NAME = "hit-demo";

    @ParameterizedTest
    @ValueSource(strings = {"ebpf", "bind"})
    void everyStoryIsAsExpectedAndNothingIsLeft(String steering) {
        Pods.requireRoot("demo on " + steering);
        Command.Result result = Command.of(Field.HOME.resolve("heddle").toString(), "demo", "--steering", steering).with("HEDDLE_DEMO_NAME", NAME).run(Duration.ofSeconds(240));
        System.out.println(result.out().lines().dropWhile(line -> !line.startsWith("Report")).reduce("", (all, line) -> all + line + "\n"));
        assertThat(result.status()).as(result.toString()).isZero();
        nothingIsLeft();
    }

    @Test
    void anInterruptedDemoLeavesNothing() throws Exception {
        Pods.requireRoot("interrupted demo");
        Path out = Files.createTempFile("heddle-itest", ".demo");
        try {
            Process demo = Command.of(Field.HOME.resolve("heddle").toString(), "demo").with("HEDDLE_DEMO_NAME", NAME).start(out, out);
            Await.until("the demo's second story", Duration.ofSeconds(180), () -> read(out).contains("2. A producer route"), () -> read(out));
            demo.destroy();
            assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(demo.exitValue()).isEqualTo(143);
        } finally {
            Files.delete(out);
        }
        nothingIsLeft();
    }

    private static void nothingIsLeft() {
        assertThat(Command.of("ip", "netns", "list").run().out()).doesNotContain(NAME);
        assertThat(Path.of("/sys/fs/bpf", NAME)).doesNotExist();
        String mount = Command.of("sh", "-c", "awk '$3 == \"cgroup2\" { print $2; exit }' /proc/mounts").run().out().strip();
        assertThat(Path.of(mount, NAME)).doesNotExist();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }
}
