package heddle.itest.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** STEERING.md, sections 1 and 9: what the daemon learns of a connection is the truth, whatever tuples clients share. */
@Tag("root")
class TruthIT {
    private static final int TOTAL = Integer.getInteger("heddle.truth", 20_000);

    private record Client(int id, Path cgroup, Path netns) {}

    /** Five workloads in four namespaces; the last two share one. */
    private static List<Client> clients(Sandbox sandbox, List<String> plan) throws Exception {
        List<Client> clients = new ArrayList<>();
        Path netns = null;
        for (int id = 1; id <= 5; id++) {
            if (id < 5) netns = sandbox.namespace();
            clients.add(new Client(id, sandbox.workload("t", "w" + id), netns));
            plan.add("member " + id + " t w" + id + " " + netns + " - 0");
        }
        return clients;
    }

    private static List<Peer.Seen> load(List<Client> clients, Object... settings) throws Exception {
        List<Peer.Running> running = new ArrayList<>();
        for (Client client : clients) {
            List<Object> all = new ArrayList<>(List.of("cgroup=" + client.cgroup, "netns=" + client.netns, "workload=" + client.id, "threads=2",
                    "ports=20000-20999"));
            all.addAll(List.of(settings));
            running.add(Peer.start("client", all.toArray()));
        }
        List<Peer.Seen> seen = new ArrayList<>();
        for (Peer.Running client : running) seen.add(client.seen());
        return seen;
    }

    @Test void everyConnectionBringsItsOwnDestinationAndClient() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            Daemon daemon = sandbox.with(new Daemon(sandbox.config()));
            List<String> plan = PlanText.steered("10.96.1.0", 200, "open");
            plan.addAll(PlanText.steered("fd00:96::100", 20, "open"));
            List<Client> clients = clients(sandbox, plan);
            daemon.apply(plan);
            int v4 = TOTAL * 8 / 10 / 5;
            int rest = TOTAL / 10 / 5;
            for (Peer.Seen seen : load(clients, "dest=10.96.1.0:80", "vips=200", "n=" + v4)) allRight(seen, v4);
            for (Peer.Seen seen : load(clients, "dest=10.96.1.0:80", "vips=200", "mapped=1", "n=" + rest)) allRight(seen, rest);
            for (Peer.Seen seen : load(clients, "dest=[fd00:96::100]:80", "vips=20", "n=" + rest)) allRight(seen, rest);
            assertThat(daemon.standIn.wrong.sum()).isZero();
            assertThat(daemon.standIn.absent.sum()).isZero();
            assertThat(daemon.standIn.right.sum()).isEqualTo(5L * (v4 + 2L * rest));
            assertThat(daemon.steering.entries("mesh_flows")).isZero();
        }
    }

    /** A test of the test: without the namespace in the key of the flows, clients are mixed up and this suite must see it. */
    @Test void theControlWithoutTheNamespaceInTheKeyFails() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            Daemon daemon = sandbox.with(new Daemon(sandbox.config(), Path.of(System.getProperty("heddle.bpf"), "mesh_control.bpf.o")));
            List<String> plan = PlanText.steered("10.96.1.0", 200, "open");
            List<Client> clients = clients(sandbox, plan);
            daemon.apply(plan);
            for (int round = 0; round < 20 && daemon.standIn.wrong.sum() + daemon.standIn.absent.sum() == 0; round++) {
                load(clients, "dest=10.96.1.0:80", "vips=200", "n=2000", "threads=4");
            }
            assertThat(daemon.standIn.wrong.sum() + daemon.standIn.absent.sum()).isPositive();
        }
    }

    private static void allRight(Peer.Seen seen, long n) {
        assertThat(seen.of("Y")).as(seen.toString()).isEqualTo(n);
        assertThat(seen.of("peer_wrong")).as(seen.toString()).isZero();
    }
}
