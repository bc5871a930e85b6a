package heddle.steer.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Why this node cannot be steered by eBPF, in one line with a next step. */
public final class Refusal extends Exception {
    private static final long serialVersionUID = 1;

    private final long owner;

    Refusal(String step, String reason) {
        super("steering off on this node: kernel " + kernel() + ", " + step + ": " + reason
                + "; needs Linux 5.15 features (Debian 12, Ubuntu 22.04, RHEL 9, AL2023) and cgroup v2");
        owner = 0;
    }

    /** Another daemon has this node's programs and maps. */
    Refusal(long owner, Path pins) {
        super("process " + owner + " steers this node with the pins in " + pins + "; stop it, start this one with --take-over, or give it its own"
                + " --set steer.pinDirectory and --set steer.cgroup");
        this.owner = owner;
    }

    Refusal(String step, Throwable cause) {
        this(step, cause.getMessage() == null ? cause.toString() : cause.getMessage());
        initCause(cause);
    }

    /** The process that has this node already; 0 when that is not the reason. */
    long owner() {
        return owner;
    }

    static String kernel() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
        } catch (IOException unknown) {
            return "unknown";
        }
    }
}
