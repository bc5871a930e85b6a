package heddle.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.identity.Client;
import heddle.api.match.BadPathException;
import heddle.api.match.GivenRequest;
import heddle.api.policy.Endpoint;
import heddle.api.policy.LoadBalancer;
import heddle.api.policy.LoadBalancerFactory;
import heddle.api.policy.Outcome;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link LoadBalancerFactory} and its balancers must do, however they choose. Extend it and give yours. */
public abstract class LoadBalancerContract {
    protected abstract LoadBalancerFactory factory();

    /** Annotations of the Service. */
    protected Map<String, String> annotations() {
        return Map.of();
    }

    protected final LoadBalancer balancer() {
        return factory().create(() -> "shop/cart:80", annotations());
    }

    @Test
    public final void theNameCanBeWrittenInAnAnnotation() {
        assertThat(factory().name()).matches("[a-z]([a-z0-9.-]*[a-z0-9])?").isEqualTo(factory().name());
    }

    @ParameterizedTest(name = "{0} endpoints")
    @ValueSource(ints = {1, 2, 3, 17, 250})
    public final void aPickIsOneOfTheReady(int count) {
        LoadBalancer balancer = balancer();
        List<Endpoint> ready = Picks.endpoints(count);
        balancer.update(ready);
        for (int i = 0; i < 500; i++) assertThat(ready).contains(balancer.pick(Picks.of(ready).from("10.0.0." + i)));
    }

    /** The list of a pick counts, not the last update: that may be on its way. */
    @Test
    public final void aPickFollowsItsOwnListBeforeAnyUpdateAndAfterAnother() {
        LoadBalancer balancer = balancer();
        List<Endpoint> ready = Picks.endpoints(5);
        assertThat(ready).contains(balancer.pick(Picks.of(ready)));
        balancer.update(ready);
        List<Endpoint> fewer = ready.subList(3, 5);
        for (int i = 0; i < 100; i++) assertThat(fewer).contains(balancer.pick(Picks.of(fewer).from("10.0.1." + i)));
    }

    @Test
    public final void everyEndpointGetsSome() {
        LoadBalancer balancer = balancer();
        List<Endpoint> ready = Picks.endpoints(5);
        balancer.update(ready);
        Set<Endpoint> picked = new HashSet<>();
        for (int i = 0; i < 2_000; i++) {
            Endpoint endpoint = balancer.pick(Picks.of(ready).from("10.0." + i / 250 + "." + i % 250).with(request("user-" + i)));
            picked.add(endpoint);
            balancer.onEnd(endpoint, Outcome.COMPLETED, Duration.ofMillis(5));
        }
        assertThat(picked).hasSize(5);
    }

    private static GivenRequest request(String user) {
        try {
            return GivenRequest.of("GET", "/").with("x-user", user).with("cookie", "session=" + user);
        } catch (BadPathException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Test
    public final void whatWasTriedIsAvoidedWhileThereAreOthers() {
        LoadBalancer balancer = balancer();
        List<Endpoint> ready = Picks.endpoints(4);
        balancer.update(ready);
        for (int i = 0; i < 50; i++) {
            Picks picks = Picks.of(ready).from("10.0.0." + i);
            assertThat(balancer.pick(picks.without(ready.get(0), ready.get(1), ready.get(3)))).isEqualTo(ready.get(2));
            assertThat(ready).as("all were tried").contains(balancer.pick(picks.without(ready.toArray(Endpoint[]::new))));
        }
    }

    @Test
    public final void opaqueConnectionsAndUnknownClientsArePickedFor() {
        LoadBalancer balancer = balancer();
        List<Endpoint> ready = Picks.endpoints(3);
        balancer.update(ready);
        Picks known = new Picks(ready, new Client.Known("shop", "web", "sa", Map.of()), "10.0.0.1", java.util.Optional.empty(), List.of());
        assertThat(ready).contains(balancer.pick(known), balancer.pick(Picks.of(ready)));
    }

    @Test
    public final void everyEndIsTakenAlsoOfAnEndpointThatIsGone() {
        LoadBalancer balancer = balancer();
        List<Endpoint> ready = Picks.endpoints(3);
        balancer.update(ready);
        for (Outcome outcome : Outcome.values()) balancer.onEnd(balancer.pick(Picks.of(ready)), outcome, Duration.ofMillis(3));
        balancer.update(ready.subList(0, 1));
        balancer.onEnd(ready.get(2), Outcome.CONNECT_FAILED, Duration.ZERO);
        assertThat(balancer.pick(Picks.of(ready.subList(0, 1)))).isEqualTo(ready.getFirst());
    }

    @Test
    public final void picksAndUpdatesMayComeAtOnce() throws InterruptedException {
        LoadBalancer balancer = balancer();
        List<Endpoint> all = Picks.endpoints(20);
        Thread updates = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 500; i++) balancer.update(all.subList(0, 1 + i % 20));
        });
        int i = 0;
        while (updates.isAlive()) {
            List<Endpoint> ready = all.subList(0, 1 + i++ % 20);
            Endpoint endpoint = balancer.pick(Picks.of(ready).from("c" + i));
            assertThat(ready).contains(endpoint);
            balancer.onEnd(endpoint, Outcome.COMPLETED, Duration.ofMillis(1));
        }
        updates.join();
    }

    @Test
    public final void closeMayBeCalledTwice() throws Exception {
        LoadBalancer balancer = balancer();
        balancer.close();
        balancer.close();
    }
}
