package heddle.policy.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.policy.Endpoint;
import heddle.api.policy.LoadBalancer;
import heddle.testkit.Picks;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoundRobinTest {
    private final LoadBalancer balancer = new RoundRobinFactory().create(() -> "shop/cart:80", Map.of());

    @Test
    void oneThreadGoesRoundEvenly() {
        List<Endpoint> ready = Picks.endpoints(3);
        Map<Endpoint, Integer> counts = new HashMap<>();
        for (int i = 0; i < 300; i++) counts.merge(balancer.pick(Picks.of(ready)), 1, Integer::sum);
        assertThat(counts.values()).containsExactly(100, 100, 100);
    }

    @Test
    void threadsTogetherStayEven() throws InterruptedException {
        List<Endpoint> ready = Picks.endpoints(4);
        List<Map<Endpoint, Integer>> each = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Map<Endpoint, Integer> counts = new HashMap<>();
            each.add(counts);
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 400; i++) counts.merge(balancer.pick(Picks.of(ready)), 1, Integer::sum);
            }));
        }
        for (Thread thread : threads) thread.join();
        for (Endpoint endpoint : ready) {
            assertThat(each.stream().mapToInt(counts -> counts.getOrDefault(endpoint, 0)).sum()).isBetween(360, 440);     // two threads may share a counter
        }
    }

    @Test
    void avoidsWhatWasTriedWhileThereAreOthers() {
        List<Endpoint> ready = Picks.endpoints(3);
        for (int i = 0; i < 12; i++) assertThat(balancer.pick(Picks.of(ready).without(ready.get(0), ready.get(2)))).isEqualTo(ready.get(1));
        assertThat(ready).contains(balancer.pick(Picks.of(ready).without(ready.toArray(Endpoint[]::new))));
    }

    @Test
    void followsAChangedList() {
        for (int i = 0; i < 5; i++) balancer.pick(Picks.of(Picks.endpoints(5)));
        List<Endpoint> one = Picks.endpoints(1);
        assertThat(balancer.pick(Picks.of(one))).isEqualTo(one.getFirst());
    }
}
