package heddle.policy.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.policy.Endpoint;
import heddle.api.policy.Outcome;
import heddle.testkit.Picks;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LeastRequestTest {
    private final AtomicLong clock = new AtomicLong();
    private final SplittableRandom random = new SplittableRandom(7);
    private final LeastRequest balancer = new LeastRequest(clock::get, random::nextInt);

    private Map<Endpoint, Integer> picks(List<Endpoint> ready, int count, boolean end) {
        Map<Endpoint, Integer> counts = new HashMap<>();
        for (int i = 0; i < count; i++) {
            Endpoint endpoint = balancer.pick(Picks.of(ready));
            counts.merge(endpoint, 1, Integer::sum);
            if (end) balancer.onEnd(endpoint, Outcome.COMPLETED, Duration.ofMillis(5));
        }
        return counts;
    }

    @Test
    void requestsInFlightAreSpreadEvenly() {
        List<Endpoint> ready = Picks.endpoints(4);
        balancer.update(ready);
        assertThat(picks(ready, 400, false).values()).allSatisfy(count -> assertThat(count).isBetween(95, 105));
    }

    @Test
    void aSlowEndpointGetsLess() {
        List<Endpoint> ready = Picks.endpoints(3);
        balancer.update(ready);
        for (int i = 0; i < 30; i++) {
            Endpoint endpoint = balancer.pick(Picks.of(ready));
            clock.addAndGet(1_000_000);
            balancer.onEnd(endpoint, Outcome.COMPLETED, Duration.ofMillis(endpoint.equals(ready.getFirst()) ? 500 : 5));
        }
        assertThat(picks(ready, 300, true).getOrDefault(ready.getFirst(), 0)).isLessThan(10);
    }

    @Test
    void aSlowEndpointIsAskedAgainAfterAWhile() {
        List<Endpoint> ready = Picks.endpoints(2);
        balancer.update(ready);
        balancer.pick(Picks.of(ready));
        for (Endpoint endpoint : ready) balancer.onEnd(endpoint, Outcome.COMPLETED, Duration.ofMillis(endpoint.equals(ready.getFirst()) ? 2_000 : 5));
        assertThat(picks(ready, 100, true).getOrDefault(ready.getFirst(), 0)).isZero();
        clock.addAndGet(Duration.ofSeconds(200).toNanos());
        assertThat(picks(ready, 100, true).getOrDefault(ready.getFirst(), 0)).isPositive();
    }

    @Test
    void anEndpointThatRefusesAtOnceIsNotTheFastest() {
        List<Endpoint> ready = Picks.endpoints(2);
        balancer.update(ready);
        balancer.onEnd(ready.get(0), Outcome.CONNECT_FAILED, Duration.ofNanos(10_000));
        balancer.onEnd(ready.get(1), Outcome.COMPLETED, Duration.ofMillis(50));
        assertThat(picks(ready, 100, true).getOrDefault(ready.get(0), 0)).isZero();
    }

    @Test
    void aNewEndpointIsNotFlooded() {
        List<Endpoint> three = Picks.endpoints(3);
        balancer.update(three.subList(0, 2));
        for (int i = 0; i < 50; i++) {
            Endpoint endpoint = balancer.pick(Picks.of(three.subList(0, 2)));
            balancer.onEnd(endpoint, Outcome.COMPLETED, Duration.ofMillis(20));
        }
        balancer.update(three);
        assertThat(picks(three, 300, false).get(three.get(2))).isBetween(60, 140);
    }

    @Test
    void avoidsWhatWasTriedAndCopesWithUnknownEndpoints() {
        List<Endpoint> ready = Picks.endpoints(3);
        for (int i = 0; i < 20; i++) assertThat(balancer.pick(Picks.of(ready).without(ready.get(0), ready.get(1)))).isEqualTo(ready.get(2));
        balancer.onEnd(ready.get(0), Outcome.COMPLETED, Duration.ofMillis(1));
        assertThat(ready).contains(balancer.pick(Picks.of(ready).without(ready.toArray(Endpoint[]::new))));
    }

    @Test
    void picksDuringUpdatesStayAmongTheReady() throws InterruptedException {
        List<Endpoint> all = Picks.endpoints(20);
        Thread updates = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 2_000; i++) balancer.update(all.subList(0, 1 + i % 20));
        });
        while (updates.isAlive()) {
            Endpoint endpoint = balancer.pick(Picks.of(all.subList(0, 5)));
            assertThat(all.subList(0, 5)).contains(endpoint);
            balancer.onEnd(endpoint, Outcome.COMPLETED, Duration.ofMillis(1));
        }
        updates.join();
    }
}
