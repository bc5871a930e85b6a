package heddle.itest.bpf;

import heddle.steer.internal.EbpfSteering;
import heddle.steer.internal.Refusal;
import heddle.steer.internal.SteerConfig;
import org.junit.jupiter.api.Assumptions;

/** Skips loudly where the suite cannot run: not root, or the probe refuses. With HEDDLE_REQUIRE_ROOT_TESTS=1 a skip is a failure. */
final class Root {
    private static boolean probed;

    private Root() {}

    static synchronized void require(SteerConfig config) {
        if (probed) return;
        if (!System.getProperty("user.name").equals("root")) skip("not root");
        try {
            EbpfSteering.open(config).close();
            probed = true;
        } catch (Refusal refused) {
            skip(refused.getMessage());
        }
    }

    private static void skip(String reason) {
        if ("1".equals(System.getenv("HEDDLE_REQUIRE_ROOT_TESTS"))) throw new AssertionError("eBPF suite cannot run: " + reason);
        System.err.println("SKIPPED eBPF suite: " + reason);
        Assumptions.abort("eBPF suite: " + reason);
    }
}
