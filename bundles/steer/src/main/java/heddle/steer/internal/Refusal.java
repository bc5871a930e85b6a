package heddle.steer.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Why this node cannot be steered by eBPF, in one line with a next step. */
public final class Refusal extends Exception {
    private static final long serialVersionUID = 1;

    Refusal(String step, String reason) {
        super("steering off on this node: kernel " + kernel() + ", " + step + ": " + reason
                + "; needs Linux 5.15 features (Debian 12, Ubuntu 22.04, RHEL 9, AL2023) and cgroup v2");
    }

    Refusal(String step, Throwable cause) {
        this(step, cause.getMessage() == null ? cause.toString() : cause.getMessage());
        initCause(cause);
    }

    static String kernel() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
        } catch (IOException unknown) {
            return "unknown";
        }
    }
}
