package heddle.steer.internal;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Settings of the steering, checked.
 *  @param cgroupMount  where cgroup v2 is mounted; empty = found
 *  @param cgroupBase   our cgroup below it
 *  @param pinDirectory in bpffs, one level below its mount
 *  @param staleAfter   a heartbeat older than this: the daemon hangs
 *  @param keepOnStop   leave programs, maps and links for a successor
 *  @param listenerPort wanted on the loopback of every namespace; 0, or taken there: the kernel chooses
 *  @param takeOver     whether the pins of a daemon that lives may be taken over */
public record SteerConfig(Optional<Path> cgroupMount, String cgroupBase, Path pinDirectory, Duration staleAfter, boolean keepOnStop,
                          int listenerPort, boolean takeOver) {
    public SteerConfig {
        if (cgroupBase.isEmpty() || cgroupBase.startsWith("/") || cgroupBase.contains("..")) {
            throw new IllegalArgumentException("steer.cgroup: " + cgroupBase + " (expected: a path below the cgroup v2 mount, like heddle)");
        }
        if (!pinDirectory.isAbsolute() || pinDirectory.getNameCount() < 2 || pinDirectory.getFileName().toString().contains(".")) {
            throw new IllegalArgumentException("steer.pinDirectory: " + pinDirectory + " (expected: a folder in bpffs without dots, like /sys/fs/bpf/heddle)");
        }
        if (listenerPort < 0 || listenerPort > 65535) {
            throw new IllegalArgumentException("steer.listenerPort: " + listenerPort + " (expected: 0 to 65535)");
        }
        if (staleAfter.compareTo(Duration.ofMillis(100)) < 0) {
            throw new IllegalArgumentException("steer.staleAfter: " + staleAfter + " (expected: at least 100ms)");
        }
    }

    public static SteerConfig defaults() {
        return new SteerConfig(Optional.empty(), "heddle", Path.of("/sys/fs/bpf/heddle"), Duration.ofSeconds(2), false, 0, false);
    }
}
