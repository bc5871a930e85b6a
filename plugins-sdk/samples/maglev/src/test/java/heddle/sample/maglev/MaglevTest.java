package heddle.sample.maglev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.policy.Endpoint;
import heddle.api.policy.LoadBalancer;
import heddle.api.policy.LoadBalancerFactory;
import heddle.testkit.LoadBalancerContract;
import heddle.testkit.Picks;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaglevTest extends LoadBalancerContract {
    @Override protected LoadBalancerFactory factory() {
        return new MaglevFactory();
    }

    @ParameterizedTest(name = "{0} endpoints")
    @ValueSource(ints = {1, 2, 7, 100, 500})
    void everyEndpointHasNearlyTheSameShare(int count) {
        Table table = new Table(Picks.endpoints(count));
        Map<Endpoint, Integer> shares = new HashMap<>();
        for (int i = 0; i < table.size(); i++) shares.merge(table.at(i, 0), 1, Integer::sum);
        int even = table.size() / count;
        assertThat(shares).hasSize(count).allSatisfy((endpoint, share) -> assertThat(share).isBetween(even, even + 1));
    }

    /** Section 4.3 of the paper: a lost backend moves few connections of the others, at whatever number of them. */
    @ParameterizedTest(name = "one of {0} endpoints")
    @ValueSource(ints = {3, 11, 20, 41, 164})
    void aLostEndpointMovesItsOwnRequestsAndFewOthers(int count) {
        List<Endpoint> all = Picks.endpoints(count);
        List<Endpoint> fewer = new ArrayList<>(all);
        Endpoint lost = fewer.remove(count / 3);
        Table before = new Table(all);
        Table after = new Table(fewer);
        int moved = 0;
        for (int i = 0; i < 10_000; i++) {
            long hash = Hash.of("client-" + i, 0);
            if (before.at(hash, 0) != lost && !before.at(hash, 0).equals(after.at(hash, 0))) moved++;
        }
        assertThat(moved).as("of 10,000 requests, those of other endpoints").isLessThan(700);
    }

    /** EndpointSlices come in another order on each node. */
    @Test
    void nodesThatSeeTheEndpointsInAnotherOrderAgree() {
        List<Endpoint> ready = Picks.endpoints(30);
        Table here = new Table(ready);
        Table there = new Table(ready.reversed());
        for (int i = 0; i < 2_000; i++) assertThat(here.at(Hash.of("client-" + i, 0), 0)).isEqualTo(there.at(Hash.of("client-" + i, 0), 0));
    }

    @Test
    void oneClientStaysAndTwoNodesAgree() {
        List<Endpoint> ready = Picks.endpoints(9);
        LoadBalancer here = balancer();
        LoadBalancer there = balancer();
        here.update(ready);
        there.update(ready);
        for (int i = 0; i < 200; i++) {
            Picks from = Picks.of(ready).from("10.0.0." + i);
            assertThat(here.pick(from)).isEqualTo(here.pick(from)).isEqualTo(there.pick(from));
        }
    }

    @Test
    void aWrongKeyIsNamed() {
        assertThatThrownBy(() -> factory().create(() -> "shop/cart:80", Map.of(MaglevFactory.KEY, "cookie"))).hasMessageContaining("heddle.io/maglev-key: cookie").hasMessageContaining("shop/cart:80");
    }
}
