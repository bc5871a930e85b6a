package heddle.itest.bpf;

import org.junit.jupiter.api.Assumptions;

/** Skips loudly without root; with HEDDLE_REQUIRE_ROOT_TESTS=1 a skip is a failure. */
final class Root {
    private Root() {}

    static void require() {
        if (System.getProperty("user.name").equals("root")) return;
        skip("not root");
    }

    static void skip(String reason) {
        if ("1".equals(System.getenv("HEDDLE_REQUIRE_ROOT_TESTS"))) throw new AssertionError("eBPF suite cannot run: " + reason);
        System.err.println("SKIPPED eBPF suite: " + reason);
        Assumptions.abort("eBPF suite: " + reason);
    }
}
