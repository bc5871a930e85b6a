package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The OCI image: its layers, unpacked into a folder, are a root file system in which the daemon steers by eBPF with what the DaemonSet gives
 *  it: the host's cgroups, bpffs, network namespaces and PIDs, a cgroup namespace of its own, and five capabilities. */
@Tag("root")
class ImageIT {
    /** deploy/helm/heddle/templates/daemonset.yaml; sys_chroot is the test's own, for chroot. */
    private static final String CAPABILITIES = "-all,+bpf,+net_admin,+sys_admin,+sys_ptrace,+dac_override,+sys_chroot";
    private static final Path CHECKOUT = Path.of("../..").toAbsolutePath().normalize();
    private static final Duration LIMIT = Duration.ofMinutes(8);
    private static Path folder;
    private static Path root;
    private static String printed;
    private static String printedAgain;

    @BeforeAll
    static void build() throws IOException {
        Pods.requireRoot("image tests");
        folder = Files.createTempDirectory("heddle-image");
        // beside each other: no step of a build keeps two processors busy
        CompletableFuture<String> again = CompletableFuture.supplyAsync(() -> image("again.tar"));
        try {
            printed = image("image.tar");
        } finally {
            printedAgain = again.join();
        }
        System.out.print(printed);
        run("tar", "-x", "-C", Files.createDirectory(folder.resolve("oci")).toString(), "-f", folder.resolve("image.tar").toString());
        root = Files.createDirectory(folder.resolve("root"));
        for (String layer : layers()) run("tar", "-x", "-z", "-C", root.toString(), "-f", blob(layer).toString());
    }

    @AfterAll
    static void remove() {
        if (folder != null) run("rm", "-rf", "--one-file-system", folder.toString());
    }

    private static String image(String file) {
        Command.Result result = Command.of(CHECKOUT.resolve("heddle").toString(), "image", "--output", folder.resolve(file).toString()).with("HEDDLE_BUILT", "1").run(LIMIT);
        assertThat(result.status()).as(result.toString()).isZero();
        return result.out();
    }

    private static String run(String... words) {
        Command.Result result = Command.of(words).run(LIMIT);
        assertThat(result.status()).as(String.join(" ", words) + ": " + result).isZero();
        return result.out();
    }

    private static Path blob(String digest) {
        return folder.resolve("oci/blobs/sha256").resolve(digest);
    }

    /** The one sha256 digest after a key of a blob or index, or all of them. */
    private static List<String> digests(Path json, String from) throws IOException {
        String text = Files.readString(json);
        return Pattern.compile("\"digest\":\"sha256:([0-9a-f]{64})\"").matcher(text.substring(text.indexOf(from))).results().map(match -> match.group(1)).toList();
    }

    private static String manifest() throws IOException {
        return digests(folder.resolve("oci/index.json"), "\"manifests\"").getFirst();
    }

    private static List<String> layers() throws IOException {
        return digests(blob(manifest()), "\"layers\"");
    }

    @Test
    void everyBlobIsWhatItsDigestSays() throws IOException {
        List<String> all = new ArrayList<>(List.of(manifest()));
        all.addAll(digests(blob(manifest()), "\"config\""));
        assertThat(layers()).hasSize(3);
        for (String digest : all) assertThat(run("sha256sum", blob(digest).toString())).startsWith(digest);
        String config = Files.readString(blob(all.get(1)));
        for (String layer : layers()) {
            String content = run("sh", "-c", "gzip -dc " + blob(layer) + " | sha256sum").substring(0, 64);
            assertThat(config).as("diff_ids").contains("sha256:" + content);
        }
        assertThat(config).contains("\"Entrypoint\":[\"/usr/bin/heddle\"]", "\"architecture\":\"amd64\"");
    }

    @Test
    void theSameInputsGiveTheSameDigests() {
        assertThat(printedAgain.replace("again.tar", "image.tar")).isEqualTo(printed);
    }

    @Test
    void everyLibraryFindsWhatItNeedsInTheImage() {
        String libraries = run("sh", "-c", "cd " + root + " && find . -name '*.so*' -type f; echo ./usr/bin/heddle; echo ./opt/java/bin/java");
        for (String library : libraries.lines().toList()) {
            String needed = run("chroot", root.toString(), "/lib64/ld-linux-x86-64.so.2", "--library-path", "/opt/java/lib:/opt/java/lib/server", "--list", library.substring(1));
            assertThat(needed).as(library).doesNotContain("not found");
        }
        assertThat(libraries).contains("libbpf.so.1", "libelf", "libgcc_s.so.1", "libz.so.1");
    }

    @Test
    void theDaemonSteersByEbpfInAChrootOfTheLayersAndEndsCleanly() throws Exception {
        Path log = folder.resolve("daemon.log");
        Path manifests = Files.createDirectories(root.resolve("manifests"));
        try (Pods pods = new Pods("one", "visitor")) {
            Files.writeString(manifests.resolve("shop.yaml"), pods.workload("shop", "one", "one", "app1") + pods.workload("shop", "visitor", "visitor", "visitor") + """
                    ---
                    apiVersion: v1
                    kind: Service
                    metadata: {name: one, namespace: shop}
                    spec: {clusterIP: 10.77.0.1, selector: {app: app1}, ports: [{port: 80, targetPort: 8080}]}
                    """ + Yaml.route("shop", "one", "one", "- matches: [{path: {value: /one}}]\n  backendRefs: [{name: one, port: 80}]\n"));
            Path cgroup = Path.of(run("sh", "-c", "awk '$3 == \"cgroup2\" { print $2; exit }' /proc/mounts").strip());
            try (Field backends = Field.onBind()) {
                backends.backend(pods.in("one"), "one", pods.address("one"), "8080");
                Process daemon = start(pods, cgroup, log);
                try {
                    Await.until("a ready daemon", Field.READY, () -> {
                        assertThat(daemon.isAlive()).as("the daemon\n" + read(log)).isTrue();
                        return read(log).contains(" ready after ");
                    }, () -> read(log));
                    Path client = cgroup.resolve(pods.own()).resolve("workloads/shop/visitor");
                    List<String> visitor = new ArrayList<>(pods.in("visitor"));
                    visitor.addAll(List.of("sh", "-c", "echo $$ >" + client + "/cgroup.procs && exec \"$@\"", "sh"));
                    assertThat(Curl.get(visitor, "http://10.77.0.1/one").status()).as(read(log)).isEqualTo(200);
                    assertThat(Curl.get(visitor, "http://10.77.0.1/other").status()).isEqualTo(404);
                    Command.Result status = Command.of("nsenter", "--target", Long.toString(daemon.pid()), "--mount", "--root", "--wd", "/usr/bin/heddle", "status").run();
                    assertThat(status.out()).as(status.toString()).contains("ready       yes", "ebpf");
                    System.out.println(read(log).lines().filter(line -> line.contains(" ready after ")).findFirst().orElseThrow());
                } finally {
                    daemon.destroy();
                    assertThat(daemon.waitFor(60, java.util.concurrent.TimeUnit.SECONDS)).as(read(log)).isTrue();
                }
                assertThat(daemon.exitValue()).as(read(log)).isZero();
                assertThat(cgroup.resolve(pods.own())).doesNotExist();
                assertThat(Path.of("/sys/fs/bpf", pods.own())).doesNotExist();
            }
        }
    }

    /** In namespaces of mounts and cgroups of its own, which end with it; PIDs are the host's. */
    private static Process start(Pods pods, Path cgroup, Path log) throws IOException {
        String mounts = "set -e; mount --make-rprivate /; cd " + root + "; mount -t proc proc proc; mkdir -p sys/fs/bpf run/netns ." + cgroup
                + "; mount --bind " + cgroup + " ." + cgroup + "; mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf; mount --bind /sys/fs/bpf sys/fs/bpf"
                + "; mount --rbind /run/netns run/netns; touch dev/null dev/urandom dev/random; for d in null urandom random; do mount --bind /dev/$d dev/$d; done"
                + "; exec setpriv --bounding-set " + CAPABILITIES + " --no-new-privs chroot . /usr/bin/heddle \"$@\"";
        List<String> words = new ArrayList<>(pods.in("node"));
        words.addAll(List.of("unshare", "--mount", "--cgroup", "sh", "-c", mounts, "sh", "run", "--manifests", "/manifests", "--set", "steering=ebpf",
                "--set", "steer.cgroup=" + pods.own(), "--set", "steer.pinDirectory=/sys/fs/bpf/" + pods.own(), "--set", "steer.staleAfter=" + Pods.STALE_AFTER.toSeconds() + "s", "--set", "admin.address=127.0.0.1:0"));
        return Command.of(words).start(log, log);
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
