package heddle.source.file.internal;

import static heddle.testkit.SourceListener.has;
import static heddle.testkit.SourceListener.one;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.admin.ExecWorkloads.Request;
import heddle.api.admin.ExecWorkloads.Ticket;
import heddle.api.model.Workload;
import heddle.gateway.ManifestDecoder;
import heddle.testkit.SourceListener;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ExecProgramsTest {
    private final Map<Long, CompletableFuture<Void>> processes = new HashMap<>(Map.of(7L, new CompletableFuture<>(), 8L, new CompletableFuture<>()));
    private final ExecPrograms programs = new ExecPrograms(AddressRange.parse("127.97.0.0/16"), Path.of("heddle", "workloads"), pid -> Optional.ofNullable(processes.get(pid)));
    private final SourceListener listener = new SourceListener();

    ExecProgramsTest() {
        programs.subscribe(listener);
    }

    private void manifest(String spec) {
        programs.manifests(new FileState(1, new ManifestDecoder().decode("w.yaml",
                "{apiVersion: heddle.io/v1alpha1, kind: Workload, metadata: {name: mixer, namespace: food, labels: {app: mixer}}, spec: {" + spec + "}}").objects(),
                List.of(), List.of()));
    }

    private static Request request(long pid) {
        return new Request("food", "mixer", Optional.empty(), pid);
    }

    @Test void aProgramIsAWorkloadUntilItsProcessEnds() throws Exception {
        Ticket ticket = programs.begin(new Request("food", "mixer", Optional.of("cook"), 7));
        assertThat(ticket.cgroup()).isEqualTo(Path.of("heddle/workloads/food/mixer"));
        assertThat(ticket.source().getHostAddress()).startsWith("127.97.");
        Workload workload = one(listener.await(state -> has(state, "Workload", "mixer")), Workload.class, "mixer");
        assertThat(workload.serviceAccount()).isEqualTo("cook");
        assertThat(workload.addresses()).containsExactly(ticket.source());
        assertThat(workload.networkNamespace()).contains(Path.of("/proc/7/ns/net"));
        assertThat(workload.cgroup()).isEmpty();
        processes.get(7L).complete(null);
        listener.await(state -> !has(state, "Workload", "mixer"));
    }

    @Test void theManifestGivesWhatTheRequestLeavesOpen() throws Exception {
        manifest("serviceAccountName: chef, addresses: [10.0.0.1, 127.0.9.9], cgroup: /sys/fs/cgroup/x.slice, zone: a");
        Ticket ticket = programs.begin(request(7));
        assertThat(ticket.source()).isEqualTo(InetAddress.ofLiteral("127.0.9.9"));
        assertThat(ticket.cgroup()).isEqualTo(Path.of("/sys/fs/cgroup/x.slice"));
        Workload workload = one(listener.await(state -> has(state, "Workload", "mixer")), Workload.class, "mixer");
        assertThat(workload.serviceAccount()).isEqualTo("chef");
        assertThat(workload.labels()).containsEntry("app", "mixer");
        assertThat(workload.zone()).isEqualTo("a");
        manifest("serviceAccountName: waiter");
        listener.await(state -> one(state, Workload.class, "mixer").serviceAccount().equals("waiter"));
    }

    @Test void twoProgramsOfOneWorkloadShareItAndTheLastOneEndsIt() throws Exception {
        Ticket first = programs.begin(request(7));
        assertThat(programs.begin(request(8)).source()).isEqualTo(first.source());
        processes.get(7L).complete(null);
        listener.await(state -> has(state, "Workload", "mixer")
                && one(state, Workload.class, "mixer").networkNamespace().equals(Optional.of(Path.of("/proc/8/ns/net"))));
        processes.get(8L).complete(null);
        listener.await(state -> !has(state, "Workload", "mixer"));
    }

    @Test void theSourceAddressIsTheSameEachTime() {
        ExecPrograms other = new ExecPrograms(AddressRange.parse("127.97.0.0/16"), Path.of("heddle", "workloads"), pid -> Optional.of(new CompletableFuture<Void>()));
        assertThat(other.begin(request(1)).source()).isEqualTo(programs.begin(request(7)).source());
    }

    @Test void badNamesAndDeadProcessesAreRefusedByField() {
        assertThatThrownBy(() -> programs.begin(new Request("Food", "mixer", Optional.empty(), 7))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("namespace: \"Food\"");
        assertThatThrownBy(() -> programs.begin(new Request("food", "../mixer", Optional.empty(), 7))).hasMessageStartingWith("workload: ");
        assertThatThrownBy(() -> programs.begin(request(99))).hasMessageStartingWith("pid: 99");
    }
}
