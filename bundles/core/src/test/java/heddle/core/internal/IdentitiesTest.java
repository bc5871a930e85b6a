package heddle.core.internal;

import static heddle.core.internal.TestMesh.workload;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.identity.Client;
import heddle.api.model.Workload;
import heddle.api.steer.Origin;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class IdentitiesTest {
    private static List<Workload> workloads(String... manifests) {
        return List.copyOf(GivenState.of(manifests).all(Workload.class));
    }

    private static Origin from(String address, int id) {
        return new Origin(new InetSocketAddress("10.0.0.1", 80), new InetSocketAddress(InetAddress.ofLiteral(address), 4000), id);
    }

    private final Identities one = Identities.startingAt(7).with(workloads(workload("shop/a", "x", "app: a", "10.9.0.1"), workload("shop/b", "x", "", "10.9.0.2")));

    @Test void theKernelsNumberDecidesBeforeTheAddress() {
        assertThat(one.identify(from("10.9.0.2", 7)).id()).isEqualTo("shop/a");
        assertThat(one.identify(from("10.9.0.2", 0)).id()).isEqualTo("shop/b");
        assertThat(one.identify(from("10.9.0.9", 0))).isEqualTo(Client.UNKNOWN);
        assertThat(one.identify(from("10.9.0.1", 99))).isEqualTo(Client.UNKNOWN);
    }

    @Test void equalClientsAreOneInstance() {
        Identities two = one.with(workloads(workload("shop/a", "x", "app: a", "10.9.0.1").replace("addresses:", "ready: false\n  addresses:"),
                workload("shop/b", "x", "", "10.9.0.2")));
        assertThat(two).isSameAs(one);
    }

    @Test void anAddressOfTwoWorkloadsIdentifiesNobody() {
        Identities disputed = one.with(workloads(workload("shop/a", "x", "app: a", "10.9.0.1"), workload("shop/b", "x", "", "10.9.0.1")));
        assertThat(disputed.identify(from("10.9.0.1", 0))).isEqualTo(Client.UNKNOWN);
        assertThat(disputed.identify(from("10.9.0.1", 7)).id()).isEqualTo("shop/a");
    }

    /** A connection that was accepted for the old one must not become the new one's. */
    @Test void aNumberIsNeverGivenAgain() {
        Identities without = one.with(workloads(workload("shop/b", "x", "", "10.9.0.2")));
        assertThat(without.identify(from("10.9.0.1", 7))).isEqualTo(Client.UNKNOWN);
        Identities back = without.with(workloads(workload("shop/a", "x", "app: a", "10.9.0.1"), workload("shop/b", "x", "", "10.9.0.2")));
        assertThat(back.identify(from("10.9.0.1", 7))).isEqualTo(Client.UNKNOWN);
        assertThat(back.entries()).extracting(Identities.Entry::id).doesNotContain(7).contains(8, 9);
    }
}
