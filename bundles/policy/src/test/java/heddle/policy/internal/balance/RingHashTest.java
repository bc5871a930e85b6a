package heddle.policy.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.match.BadPathException;
import heddle.api.match.GivenRequest;
import heddle.api.policy.Endpoint;
import heddle.api.policy.LoadBalancer;
import heddle.testkit.Picks;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RingHashTest {
    private static LoadBalancer on(String key) {
        return new RingHashFactory().create(() -> "shop/cart:80", Map.of(RingHashFactory.HASH_ON, key));
    }

    @Test
    void oneSourceStaysAndManySpread() {
        LoadBalancer balancer = on("source");
        List<Endpoint> ready = Picks.endpoints(5);
        balancer.update(ready);
        Map<Endpoint, Integer> counts = new HashMap<>();
        for (int i = 0; i < 5_000; i++) {
            Picks from = Picks.of(ready).from("10.0." + i / 250 + "." + i % 250);
            Endpoint endpoint = balancer.pick(from);
            assertThat(balancer.pick(from)).isEqualTo(endpoint);
            counts.merge(endpoint, 1, Integer::sum);
        }
        assertThat(counts.values()).hasSize(5).allSatisfy(count -> assertThat(count).isBetween(600, 1_500));
    }

    @Test
    void aLostEndpointMovesOnlyItsOwnRequests() {
        LoadBalancer balancer = on("source");
        List<Endpoint> ready = Picks.endpoints(5);
        List<Endpoint> fewer = new ArrayList<>(ready);
        Endpoint gone = fewer.remove(2);
        for (int i = 0; i < 1_000; i++) {
            Endpoint before = balancer.pick(Picks.of(ready).from("c" + i));
            Endpoint after = balancer.pick(Picks.of(fewer).from("c" + i));
            if (!before.equals(gone)) assertThat(after).isEqualTo(before);
            else assertThat(fewer).contains(after);
        }
    }

    @ParameterizedTest(name = "{0}: {1}={2}")
    @CsvSource({"header:X-User, x-user, ann", "cookie:sid, cookie, a=1; sid=77; b=2", "cookie:sid, cookie, sid=77"})
    void headerOrCookieDecidesWhateverTheSource(String key, String name, String value) throws BadPathException {
        LoadBalancer balancer = on(key);
        List<Endpoint> ready = Picks.endpoints(7);
        GivenRequest request = GivenRequest.of("GET", "/").with(name, value);
        Endpoint first = balancer.pick(Picks.of(ready).with(request));
        for (int i = 0; i < 50; i++) assertThat(balancer.pick(Picks.of(ready).from("c" + i).with(request))).isEqualTo(first);
    }

    @Test
    void withoutTheHeaderTheSourceDecides() throws BadPathException {
        LoadBalancer balancer = on("header:x-user");
        List<Endpoint> ready = Picks.endpoints(7);
        GivenRequest request = GivenRequest.of("GET", "/");
        assertThat(balancer.pick(Picks.of(ready).from("a").with(request))).isEqualTo(on("source").pick(Picks.of(ready).from("a")));
    }

    @Test
    void goesOnToTheNextWhenOneWasTried() {
        LoadBalancer balancer = on("source");
        List<Endpoint> ready = Picks.endpoints(3);
        Endpoint first = balancer.pick(Picks.of(ready));
        assertThat(balancer.pick(Picks.of(ready).without(first))).isNotEqualTo(first);
        assertThat(balancer.pick(Picks.of(ready).without(ready.toArray(Endpoint[]::new)))).isEqualTo(first);
    }

    @ParameterizedTest(name = "{0} of {1}: [{2}]")
    @CsvSource(quoteCharacter = '`', value = {"sid, sid=1, 1", "sid, a=b; sid=1, 1", "sid, xsid=1, ``", "sid, sidx=1; sid=2, 2", "sid, sid, ``"})
    void cookies(String name, String header, String value) {
        assertThat(HashKey.cookie(header, name)).isEqualTo(value);
    }
}
