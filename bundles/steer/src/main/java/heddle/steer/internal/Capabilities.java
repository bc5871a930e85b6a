package heddle.steer.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The capabilities that steering needs, and what for. */
enum Capabilities {
    CAP_NET_ADMIN(12, "attach programs to cgroups"),
    CAP_SYS_ADMIN(21, "enter the network namespaces of workloads"),
    CAP_BPF(39, "load programs and maps");

    private final int bit;
    private final String purpose;

    Capabilities(int bit, String purpose) {
        this.bit = bit;
        this.purpose = purpose;
    }

    /** One sentence part for each that this process lacks. */
    static List<String> missing() throws IOException {
        long effective = Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("CapEff:"))
                .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16)).findFirst().orElse(0L);
        return missing(effective);
    }

    static List<String> missing(long effective) {
        List<String> missing = new ArrayList<>();
        for (Capabilities capability : values()) {
            if ((effective >> capability.bit & 1) == 0) missing.add(capability.name() + " (to " + capability.purpose + ")");
        }
        return missing;
    }
}
