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
 *  {@code kubelet.slice} as kind and others have it. Source: kubelet's pkg/kubelet/cm. Any thread; nothing is kept. */
final class PodCgroups {
    private static final List<String> QUALITIES = List.of("", "burstable", "besteffort");

    private final Path mount;

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

    /** The directories in which a pod's cgroup appears; those that exist. They themselves may appear later. */
    List<Path> folders() {
        return Stream.of(
                        Stream.of("kubepods", "kubelet/kubepods").flatMap(root -> QUALITIES.stream().map(each -> each.isEmpty() ? root : root + "/" + each)),
                        QUALITIES.stream().map(each -> slice("kubepods", each)),
                        QUALITIES.stream().map(each -> "kubelet.slice/" + slice("kubelet-kubepods", each)))
                .flatMap(each -> each).map(mount::resolve).filter(Files::isDirectory).toList();
    }

    /** The directories above {@link #folders}: when something appears there, look again. */
    List<Path> ancestors() {
        return Stream.of("", "kubelet", "kubelet.slice").map(mount::resolve).filter(Files::isDirectory).toList();
    }

    /** The pod's cgroup, if it is there. */
    Optional<Path> find(Pod pod) {
        String quality = pod.qosClass().toLowerCase(Locale.ROOT);
        String underscored = pod.cgroupUid().replace('-', '_');
        for (Path folder : folders()) {
            String name = String.valueOf(folder.getFileName());
            Path at = name.endsWith(".slice")
                    ? folder.resolve(name.substring(0, name.length() - ".slice".length()) + "-pod" + underscored + ".slice")
                    : folder.resolve("pod" + pod.cgroupUid());
            boolean other = !quality.isEmpty() && !quality.equals("guaranteed") && !name.contains(quality);
            if (!other && Files.isDirectory(at)) {
                return Optional.of(at);
            }
        }
        return Optional.empty();
    }

    private static String slice(String root, String quality) {
        return quality.isEmpty() ? root + ".slice" : root + ".slice/" + root + "-" + quality + ".slice";
    }
}
