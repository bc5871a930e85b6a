package heddle.source.kube.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Where kubelet puts the cgroups of pods, below the cgroup2 mount: the cgroupfs driver's {@code kubepods/burstable/podUID}, the systemd
 *  driver's {@code kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podU_I_D.slice}, either below {@code kubelet} or
 *  {@code kubelet.slice} as kind and others have it. Source: kubelet's pkg/kubelet/cm. Any thread. */
final class PodCgroups {
    private static final List<String> ROOTS = List.of("kubepods", "kubelet/kubepods", "kubepods.slice", "kubelet.slice/kubelet-kubepods.slice");

    private final Path mount;
    /** Kubelet makes it when it starts, and keeps it. */
    private volatile Optional<Path> root = Optional.empty();

    /** @param mount where cgroup2 is mounted: /sys/fs/cgroup, or /sys/fs/cgroup/unified on hybrid machines */
    PodCgroups(Path mount) {
        this.mount = mount;
    }

    /** The first cgroup2 mount of this process, as the kernel lists it. */
    static Optional<Path> findMount(Path mountInfo) throws IOException {
        try (Stream<String> lines = Files.lines(mountInfo)) {
            return lines.map(line -> line.split(" "))
                    .filter(parts -> {
                        int dash = List.of(parts).indexOf("-");
                        return dash > 0 && dash + 1 < parts.length && parts[dash + 1].equals("cgroup2");
                    })
                    .map(parts -> Path.of(parts[4].replace("\\040", " "))).findFirst();
        }
    }

    /** Where the pod's cgroup is, or will be: kubelet makes it some milliseconds before the first process. Empty while no pod's cgroup was
     *  ever made on this machine. */
    Optional<Path> find(Pod pod) {
        String quality = pod.qosClass().toLowerCase(Locale.ROOT);
        String folder = quality.equals("guaranteed") ? "" : quality;
        return root().map(root -> {
            String name = String.valueOf(root.getFileName());
            if (!name.endsWith(".slice")) {
                return root.resolve(folder).resolve("pod" + pod.cgroupUid());
            }
            String slice = name.substring(0, name.length() - ".slice".length()) + (folder.isEmpty() ? "" : "-" + folder);
            return (folder.isEmpty() ? root : root.resolve(slice + ".slice")).resolve(slice + "-pod" + pod.cgroupUid().replace('-', '_') + ".slice");
        });
    }

    private Optional<Path> root() {
        if (root.isEmpty()) {
            root = ROOTS.stream().map(mount::resolve).filter(Files::isDirectory).findFirst();
        }
        return root;
    }
}
