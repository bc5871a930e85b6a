package heddle.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.identity.Client;
import heddle.api.match.GivenRequest;
import heddle.api.plan.RequestLog;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RecentRequestsTest {
    private static final FrontendKey OVEN = new FrontendKey(new ServiceName("food", "oven"), 80, "TCP");
    private static final FrontendKey TABLE = new FrontendKey(new ServiceName("food", "table"), 80, "TCP");

    private final RecentRequests recent = new RecentRequests(8);
    private final RequestLog log = recent.log(OVEN);

    private static GivenRequest get(String target) throws Exception {
        return GivenRequest.of("GET", target).with("host", "oven");
    }

    @Test void theLastFewAreKept() throws Exception {
        for (int i = 0; i < 20; i++) log.seen(get("/" + i));
        assertThat(recent.requests(OVEN)).extracting(RecentRequest::target).containsExactlyInAnyOrder("/12", "/13", "/14", "/15", "/16", "/17", "/18", "/19");
        assertThat(recent.failures(OVEN)).isEmpty();
    }

    @Test void afterOneTheNextIsNotWantedAtOnce() throws Exception {
        long now = System.nanoTime();
        assertThat(log.wants(now)).isTrue();
        log.seen(get("/"));
        assertThat(log.wants(now)).isFalse();
        assertThat(log.wants(System.nanoTime() + 50_000_000)).isTrue();
    }

    @Test void aFailureIsKeptWithItsReason() throws Exception {
        log.failed(get("/rewritten"), "/a?b=c", null, 404, "no-route");
        assertThat(recent.failures(OVEN)).singleElement().satisfies(failure -> {
            assertThat(failure.target()).isEqualTo("/a?b=c");
            assertThat(failure.status()).isEqualTo(404);
            assertThat(failure.reason()).isEqualTo("no-route");
            assertThat(failure.head(Client.UNKNOWN).header("host")).isEqualTo("oven");
        });
    }

    @Test void credentialsAreNotKept() throws Exception {
        log.seen(get("/").with("Authorization", "Bearer secret").with("Proxy-Authorization", "secret").with("x", "y"));
        assertThat(recent.requests(OVEN).getFirst().toString()).doesNotContain("secret");
        assertThat(recent.requests(OVEN).getFirst().fields()).contains(Map.entry("x", "y"), Map.entry("authorization", "(not kept)"));
    }

    @Test void anOversizeHeadIsNotKept() throws Exception {
        log.seen(get("/").with("x", "y".repeat(9000)));
        assertThat(recent.requests(OVEN)).isEmpty();
    }

    @Test void aPortThatIsGoneIsForgotten() throws Exception {
        log.seen(get("/"));
        recent.retain(Set.of(TABLE));
        assertThat(recent.requests(OVEN)).isEmpty();
    }

    @Test void zeroMeansNothing() throws Exception {
        recent.slots(0);
        assertThat(log.wants(System.nanoTime())).isFalse();
        log.failed(get("/"), "/", null, 404, "no-route");
        assertThat(recent.failures(OVEN)).isEmpty();
    }

    /** All rings together stay near the budget, and each still keeps a few. */
    @Test void theWholeIsBounded() throws Exception {
        RecentRequests many = new RecentRequests(64);
        GivenRequest big = get("/").with("x", "y".repeat(8000));
        for (int port = 1; port <= 100; port++) {
            FrontendKey key = new FrontendKey(new ServiceName("food", "s" + port), 80, "TCP");
            for (int i = 0; i < 64; i++) many.log(key).seen(big);
        }
        long kept = 0;
        for (int port = 1; port <= 100; port++) kept += many.requests(new FrontendKey(new ServiceName("food", "s" + port), 80, "TCP")).size();
        assertThat(kept * 8000).isBetween(16L << 20, 22L << 20);
        assertThat(many.requests(new FrontendKey(new ServiceName("food", "s100"), 80, "TCP"))).hasSize(4);
    }
}
