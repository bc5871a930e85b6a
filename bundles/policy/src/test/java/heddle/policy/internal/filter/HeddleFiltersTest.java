package heddle.policy.internal.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.identity.Client;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterAction.Field;
import heddle.api.policy.FilterFactory;
import heddle.api.policy.InvalidFilterException;
import heddle.testkit.EditedRequest;
import heddle.testkit.GivenExchange;
import heddle.testkit.GivenSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Filters of heddle.io/v1alpha1, reached by ExtensionRef. */
class HeddleFiltersTest {
    private static int status(FilterAction action) {
        return action instanceof FilterAction.Reply reply ? reply.status() : 0;
    }

    private static Filter make(FilterFactory factory, Map<String, Object> spec) throws InvalidFilterException {
        return factory.create(GivenSpec.resource(factory.type(), spec));
    }

    private static void refuses(FilterFactory factory, Map<String, Object> spec, String message) {
        assertThatThrownBy(() -> make(factory, spec)).isInstanceOf(InvalidFilterException.class).hasMessageContaining(message).hasMessageContaining(" shop/it (HTTPRoute shop/cart rule 0 filter 0)");
    }

    // FaultInjection

    @Test
    void faultInjectionAbortsItsShare() throws InvalidFilterException {
        Filter filter = make(new FaultInjectionFactory(), Map.of("abort", Map.of("statusCode", 500L, "percent", 12.5)));
        GivenExchange scene = new GivenExchange();
        int aborted = 0;
        for (int i = 0; i < 10_000; i++) if (status(filter.onRequest(EditedRequest.get("/"), scene.dice(i))) == 500) aborted++;
        assertThat(aborted).isEqualTo(1_250);
    }

    @Test
    void faultInjectionDelaysThenGoesOnOrAborts() {
        List<Duration> delays = new ArrayList<>();
        CompletableFuture<Void> timer = new CompletableFuture<>();
        Filter filter = new FaultInjectionFactory.FaultInjection(Duration.ofMillis(250), 10_000, 503, 10_000, delay -> {
            delays.add(delay);
            return timer;
        });
        FilterAction.Later later = (FilterAction.Later) filter.onRequest(EditedRequest.get("/"), new GivenExchange());
        assertThat(delays).containsExactly(Duration.ofMillis(250));
        assertThat(later.stage().toCompletableFuture()).isNotDone();
        timer.complete(null);
        assertThat(status(later.stage().toCompletableFuture().join())).isEqualTo(503);
    }

    @Test
    void faultInjectionRefusesBadFields() {
        refuses(new FaultInjectionFactory(), Map.of(), "spec.delay");
        refuses(new FaultInjectionFactory(), Map.of("delay", Map.of("duration", "1.5s")), "spec.delay.duration: 1.5s");
        refuses(new FaultInjectionFactory(), Map.of("abort", Map.of("percent", 101L)), "spec.abort.percent: 101");
        refuses(new FaultInjectionFactory(), Map.of("abort", Map.of("statusCode", 200L)), "spec.abort.statusCode: 200");
        refuses(new FaultInjectionFactory(), Map.of("abort", Map.of("status", 500L)), "spec.abort.status: is unknown");
    }

    // LocalRateLimit

    private final AtomicLong clock = new AtomicLong(-5_000_000_000L);

    private LocalRateLimit limit(long interval, long burst, int maxKeys, LocalRateLimit.KeyPart... by) {
        return new LocalRateLimit(interval, burst, List.of(by), maxKeys, clock::get);
    }

    private static int allowed(Filter filter, int requests, EditedRequest request, Client client) {
        GivenExchange scene = new GivenExchange();
        scene.from(client);
        int allowed = 0;
        for (int i = 0; i < requests; i++) if (filter.onRequest(request, scene) == FilterAction.CONTINUE) allowed++;
        return allowed;
    }

    @Test
    void rateLimitLetsTheBurstThroughAndRefillsEvenly() {
        LocalRateLimit filter = limit(100_000_000, 10, 100);
        assertThat(allowed(filter, 50, EditedRequest.get("/"), Client.UNKNOWN)).isEqualTo(10);
        clock.addAndGet(99_999_999);
        assertThat(allowed(filter, 50, EditedRequest.get("/"), Client.UNKNOWN)).isZero();
        clock.addAndGet(1);
        assertThat(allowed(filter, 50, EditedRequest.get("/"), Client.UNKNOWN)).isEqualTo(1);
        clock.addAndGet(350_000_000);
        assertThat(allowed(filter, 50, EditedRequest.get("/"), Client.UNKNOWN)).isEqualTo(3);
        clock.addAndGet(Duration.ofHours(1).toNanos());
        assertThat(allowed(filter, 50, EditedRequest.get("/"), Client.UNKNOWN)).isEqualTo(10);
    }

    @Test
    void rateLimitIsForEachClientAndHeader() {
        LocalRateLimit filter = limit(1_000_000_000, 2, 100, new LocalRateLimit.KeyPart(LocalRateLimit.Kind.Client, ""), new LocalRateLimit.KeyPart(LocalRateLimit.Kind.Header, "x-user"));
        Client a = new Client.Known("shop", "a", "sa", Map.of());
        Client b = new Client.Known("shop", "b", "sa", Map.of());
        assertThat(allowed(filter, 5, EditedRequest.get("/").with("x-user", "ann"), a)).isEqualTo(2);
        assertThat(allowed(filter, 5, EditedRequest.get("/").with("x-user", "bob"), a)).isEqualTo(2);
        assertThat(allowed(filter, 5, EditedRequest.get("/").with("x-user", "ann"), b)).isEqualTo(2);
        assertThat(allowed(filter, 5, EditedRequest.get("/").with("x-user", "ann"), a)).isZero();
    }

    @Test
    void rateLimitKeepsItsKeysBounded() {
        LocalRateLimit filter = limit(1_000_000_000, 1, 3, new LocalRateLimit.KeyPart(LocalRateLimit.Kind.Header, "x"));
        int allowed = 0;
        for (int i = 0; i < 100; i++) allowed += allowed(filter, 1, EditedRequest.get("/").with("x", "k" + i), Client.UNKNOWN);
        assertThat(allowed).as("three of their own and one shared").isEqualTo(4);
        clock.addAndGet(Duration.ofSeconds(10).toNanos());
        assertThat(allowed(filter, 1, EditedRequest.get("/").with("x", "later"), Client.UNKNOWN)).as("full buckets are dropped").isEqualTo(1);
    }

    @Test
    void rateLimitAnswers429WithRetryAfter() throws InvalidFilterException {
        Filter filter = make(new LocalRateLimitFactory(), Map.of("requests", 1L, "period", "1m"));
        assertThat(filter.onRequest(EditedRequest.get("/"), new GivenExchange())).isEqualTo(FilterAction.CONTINUE);
        FilterAction.Reply reply = (FilterAction.Reply) filter.onRequest(EditedRequest.get("/"), new GivenExchange());
        assertThat(reply.status()).isEqualTo(429);
        assertThat(reply.headers()).contains(new Field("retry-after", "60"));
        FilterAction.Reply grpc = (FilterAction.Reply) filter.onRequest(EditedRequest.get("/").with("content-type", "application/grpc+proto"), new GivenExchange());
        assertThat(grpc.headers()).contains(new Field("grpc-status", "8"));
    }

    @Test
    void rateLimitNeverLetsMoreThroughFromManyThreads() throws InterruptedException {
        LocalRateLimit filter = limit(1_000_000_000, 500, 10);
        AtomicLong allowed = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) threads.add(Thread.ofPlatform().start(() -> allowed.addAndGet(allowed(filter, 1_000, EditedRequest.get("/"), Client.UNKNOWN))));
        for (Thread thread : threads) thread.join();
        assertThat(allowed.get()).isEqualTo(500);
    }

    @Test
    void rateLimitRefusesBadFields() {
        refuses(new LocalRateLimitFactory(), Map.of(), "spec.requests: is absent");
        refuses(new LocalRateLimitFactory(), Map.of("requests", "many"), "spec.requests: many");
        refuses(new LocalRateLimitFactory(), Map.of("requests", 1L, "by", List.of(Map.of("type", "Moon"))), "spec.by[0].type: Moon");
        refuses(new LocalRateLimitFactory(), Map.of("requests", 1L, "by", List.of(Map.of("type", "Header"))), "spec.by[0].name");
        refuses(new LocalRateLimitFactory(), Map.of("requests", 1L, "period", "99999h", "burst", 1_000_000_000L), "spec.burst");
    }

    // HeaderAccess

    @ParameterizedTest(name = "x-role={0} x-key={1}: {2}")
    @CsvSource({"admin, '', 0", "'', '', 403", "guest, k-1, 0", "guest, z-1, 403", "banned, k-1, 403"})
    void headerAccessGoesByTheFirstRuleThatHolds(String role, String key, int expected) throws InvalidFilterException {
        Filter filter = make(new HeaderAccessFactory(), Map.of("default", "Deny", "rules", List.of(
                Map.of("action", "Deny", "headers", List.of(Map.of("name", "X-Role", "value", "banned"))),
                Map.of("action", "Allow", "headers", List.of(Map.of("name", "x-role", "type", "Present"), Map.of("name", "x-key", "type", "Prefix", "value", "k-"))),
                Map.of("action", "Allow", "headers", List.of(Map.of("name", "x-role", "value", "admin"), Map.of("name", "x-key", "type", "Absent"))))));
        EditedRequest request = EditedRequest.get("/");
        if (!role.isEmpty()) request.with("x-role", role);
        if (!key.isEmpty()) request.with("x-key", key);
        assertThat(status(filter.onRequest(request, new GivenExchange()))).isEqualTo(expected);
    }

    @ParameterizedTest(name = "x-role={0}: {1}")
    @CsvSource({"team-7, 0", "team-77x, 403", "my-team-7, 403", "'', 403"})
    void headerAccessMatchesWholeValuesByRegex(String role, int expected) throws InvalidFilterException {
        Filter filter = make(new HeaderAccessFactory(), Map.of("rules", List.of(
                Map.of("action", "Allow", "headers", List.of(Map.of("name", "x-role", "type", "RegularExpression", "value", "team-[0-9]+"))))));
        EditedRequest request = EditedRequest.get("/");
        if (!role.isEmpty()) request.with("x-role", role);
        assertThat(status(filter.onRequest(request, new GivenExchange()))).isEqualTo(expected);
    }

    /** A backtracking engine would need years for it. */
    @Test
    void aRegexOfHeaderAccessTakesTimeByTheValuesLengthOnly() throws InvalidFilterException {
        Filter filter = make(new HeaderAccessFactory(), Map.of("rules", List.of(
                Map.of("action", "Allow", "headers", List.of(Map.of("name", "x-role", "type", "RegularExpression", "value", "(a+)+b"))))));
        EditedRequest request = EditedRequest.get("/").with("x-role", "a".repeat(5000));
        assertThat(status(filter.onRequest(request, new GivenExchange()))).isEqualTo(403);
        refuses(new HeaderAccessFactory(), Map.of("rules", List.of(Map.of("action", "Deny", "headers", List.of(
                Map.of("name", "x-role", "type", "RegularExpression", "value", "(a"))))), "spec.rules[0].headers[0].value: (a (expected: a regular expression");
    }

    @Test
    void headerAccessRefusesBadFields() {
        refuses(new HeaderAccessFactory(), Map.of(), "spec.rules: is empty");
        refuses(new HeaderAccessFactory(), Map.of("rules", List.of(Map.of("action", "Maybe", "headers", List.of()))), "spec.rules[0].action: Maybe");
        refuses(new HeaderAccessFactory(), Map.of("rules", List.of(Map.of("action", "Deny", "headers", List.of(Map.of("name", "a b", "value", "x"))))), "spec.rules[0].headers[0].name");
    }

    // CircuitLimit

    @Test
    void circuitLimitCountsWhatIsInFlight() throws InvalidFilterException {
        Filter filter = make(new CircuitLimitFactory(), Map.of("maxRequests", 2L));
        GivenExchange first = new GivenExchange();
        GivenExchange second = new GivenExchange();
        assertThat(status(filter.onRequest(EditedRequest.get("/"), first))).isZero();
        assertThat(status(filter.onRequest(EditedRequest.get("/"), second))).isZero();
        assertThat(status(filter.onRequest(EditedRequest.get("/"), new GivenExchange()))).isEqualTo(503);
        first.end();
        assertThat(status(filter.onRequest(EditedRequest.get("/"), new GivenExchange()))).isZero();
        assertThat(status(filter.onRequest(EditedRequest.get("/"), new GivenExchange()))).isEqualTo(503);
    }

    @Test
    void circuitLimitRefusesBadFields() {
        refuses(new CircuitLimitFactory(), Map.of(), "spec.maxRequests: is absent");
        refuses(new CircuitLimitFactory(), Map.of("maxRequests", 0L), "spec.maxRequests: 0");
    }
}
