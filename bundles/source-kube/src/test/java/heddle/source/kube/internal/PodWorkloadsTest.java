package heddle.source.kube.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.model.LabelSelector;
import heddle.api.model.Workload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** This node's pods as Workloads; layouts of kubelet's pkg/kubelet/cm. */
class PodWorkloadsTest {
    private static final String UID = "0a1b2c3d-1111-2222-3333-444455556666";

    @TempDir Path mount;

    @ParameterizedTest(name = "{0} below {1}")
    @CsvSource({
        "BestEffort, kubepods/besteffort/pod0a1b2c3d-1111-2222-3333-444455556666",
        "Burstable,  kubepods/burstable/pod0a1b2c3d-1111-2222-3333-444455556666",
        "Guaranteed, kubepods/pod0a1b2c3d-1111-2222-3333-444455556666",
        "BestEffort, kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod0a1b2c3d_1111_2222_3333_444455556666.slice",
        "Guaranteed, kubepods.slice/kubepods-pod0a1b2c3d_1111_2222_3333_444455556666.slice",
        "Burstable,  kubelet/kubepods/burstable/pod0a1b2c3d-1111-2222-3333-444455556666",
        "BestEffort, kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod0a1b2c3d_1111_2222_3333_444455556666.slice",
    })
    void cgroupOfBothDriversIsForeseen(String quality, String path) throws Exception {
        String root = path.startsWith("kubelet") ? path.split("/")[0] + "/" + path.split("/")[1] : path.split("/")[0];
        Files.createDirectories(mount.resolve(root));
        assertThat(new PodCgroups(mount).find(pod(Map.of(), "Running", quality))).contains(mount.resolve(path));
    }

    @Test void noCgroupIsForeseenWhereKubeletNeverMadeOne() {
        assertThat(new PodCgroups(mount).find(pod(Map.of(), "Running", "BestEffort"))).isEmpty();
    }

    @Test void aWorkloadIsThereBeforeItsCgroupAndGoesWithItsPod() throws Exception {
        PodWorkloads pods = new PodWorkloads(Optional.of(new PodCgroups(mount)), true, Optional.empty());
        Pod pod = pod(Map.of("app", "oven"), "Running", "BestEffort");
        assertThat(pods.put(pod)).as("no kubelet").isFalse();
        Files.createDirectories(mount.resolve("kubepods"));
        assertThat(pods.put(pod)).isTrue();
        Workload workload = pods.workloads().getFirst();
        assertThat(workload.cgroup()).contains(mount.resolve("kubepods/besteffort/pod" + UID));
        assertThat(workload.serviceAccount()).isEqualTo("baker");
        assertThat(workload.addresses()).hasSize(2);
        assertThat(workload.ports()).containsEntry("web", 8080);
        assertThat(workload.labels()).containsEntry("app", "oven");
        assertThat(pods.put(pod)).as("nothing changed").isFalse();
        assertThat(pods.workloads().getFirst()).isSameAs(workload);
        assertThat(pods.put(pod(Map.of(), "Succeeded", "BestEffort"))).as("a job that ended").isTrue();
        assertThat(pods.workloads()).isEmpty();
        pods.put(pod);
        assertThat(pods.replaceAll(List.of())).as("gone while the server was away").isTrue();
        assertThat(pods.workloads()).isEmpty();
    }

    /** Its addresses are the node's, which say nothing about who calls; its cgroup does. Static pods' cgroups are named by their manifest's hash. */
    @Test void aPodOfTheHostsNetworkAndAStaticOneAreKnownByTheirCgroups() throws Exception {
        Files.createDirectories(mount.resolve("kubepods"));
        PodWorkloads pods = new PodWorkloads(Optional.of(new PodCgroups(mount)), true, Optional.empty());
        Map<String, Object> raw = new java.util.LinkedHashMap<>(Samples.pod("shop", "agent", UID, Map.of(), "Running"));
        Map<String, Object> spec = new java.util.LinkedHashMap<>(Fields.map(raw, "spec"));
        spec.put("hostNetwork", true);
        raw.put("spec", spec);
        raw.put("metadata", Samples.meta("shop", "agent", Map.of("uid", UID, "annotations", Map.of("kubernetes.io/config.hash", "feed"))));
        assertThat(pods.put(Pod.of(raw))).isTrue();
        Workload workload = pods.workloads().getFirst();
        assertThat(workload.addresses()).isEmpty();
        assertThat(workload.cgroup()).contains(mount.resolve("kubepods/besteffort/podfeed"));
    }

    /** Init containers run before the pod does. */
    @Test void aPodIsAWorkloadFromTheMomentItIsOnTheNode() throws Exception {
        Files.createDirectories(mount.resolve("kubepods"));
        PodWorkloads pods = new PodWorkloads(Optional.of(new PodCgroups(mount)), true, Optional.empty());
        assertThat(pods.put(pod(Map.of(), "Pending", "Burstable"))).isTrue();
        assertThat(pods.workloads().getFirst().cgroup()).contains(mount.resolve("kubepods/burstable/pod" + UID));
    }

    /** Several meshes in one cluster: each has its own namespaces, whatever pods say. */
    @Test void ofNamespacesThatAreNotThisMeshsNothingIsAWorkload() {
        PodWorkloads pods = new PodWorkloads(Optional.empty(), true, Optional.of(LabelSelector.parse("team in (shop,pay),!legacy")));
        pods.put(pod(Map.of("heddle.io/mesh", "enabled"), "Running", "BestEffort"));
        assertThat(pods.workloads()).as("a namespace that nothing is known of").isEmpty();
        pods.namespace("shop", Optional.of(Map.of("team", "shop")));
        assertThat(pods.serves("shop")).isTrue();
        assertThat(pods.workloads()).hasSize(1);
        pods.namespace("shop", Optional.of(Map.of("team", "shop", "legacy", "")));
        assertThat(pods.workloads()).isEmpty();
    }

    /** A pod's label beats its namespace's, which beats the default. */
    @ParameterizedTest(name = "pod {0}, namespace {1}, default {2} → {3}")
    @CsvSource({"enabled, disabled, false, true", "disabled, enabled, true, false", "-, enabled, false, true", "-, disabled, true, false",
        "-, -, true, true", "-, -, false, false", "nonsense, -, true, false"})
    void membership(String podLabel, String namespaceLabel, boolean byDefault, boolean in) {
        PodWorkloads pods = new PodWorkloads(Optional.empty(), byDefault, Optional.empty());
        pods.namespace("shop", Optional.of(namespaceLabel.equals("-") ? Map.of() : Map.of(PodWorkloads.LABEL, namespaceLabel)));
        pods.put(pod(podLabel.equals("-") ? Map.of() : Map.of(PodWorkloads.LABEL, podLabel), "Running", "BestEffort"));
        assertThat(pods.workloads()).hasSize(in ? 1 : 0);
    }

    @Test void theMountIsReadFromTheKernelsList() throws Exception {
        Path info = Files.writeString(mount.resolve("mountinfo"), """
                24 1 0:22 / /sys/fs/cgroup rw shared:4 - tmpfs tmpfs rw
                31 24 0:27 / /sys/fs/cgroup/unified rw,nosuid shared:5 master:1 - cgroup2 cgroup2 rw,nsdelegate
                """);
        assertThat(PodCgroups.findMount(info)).contains(Path.of("/sys/fs/cgroup/unified"));
    }

    private static Pod pod(Map<String, Object> labels, String phase, String quality) {
        Map<String, Object> raw = new java.util.LinkedHashMap<>(Samples.pod("shop", "oven-1", UID, labels, phase));
        Map<String, Object> status = new java.util.LinkedHashMap<>(Fields.map(raw, "status"));
        status.put("qosClass", quality);
        raw.put("status", status);
        return Pod.of(raw);
    }
}
