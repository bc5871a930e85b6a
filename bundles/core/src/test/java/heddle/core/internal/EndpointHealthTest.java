package heddle.core.internal;

import static heddle.core.internal.TestMesh.endpoints;
import static heddle.core.internal.TestMesh.route;
import static heddle.core.internal.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.plan.BackendPlan;
import heddle.api.policy.Endpoint;
import heddle.api.policy.Outcome;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ejection and slow start, by annotations on a Service (docs/POLICIES.md). */
class EndpointHealthTest {
    private static final Endpoint A = endpoint(1);
    private static final Endpoint B = endpoint(2);
    private static final Endpoint C = endpoint(3);
    private final AtomicLong now = new AtomicLong(1);
    private final List<String> told = new ArrayList<>();
    private double draw;

    private static Endpoint endpoint(int last) {
        return new Endpoint(new InetSocketAddress("10.1.0." + last, 80), "", "");
    }

    private EndpointHealth health(Endpoint[] endpoints, String... annotations) {
        Map<String, String> given = new TreeMap<>();
        for (int i = 0; i < annotations.length; i += 2) given.put("heddle.io/" + annotations[i], annotations[i + 1]);
        EndpointHealth health = new EndpointHealth(EndpointSettings.of(given, "round-robin"), now::get, () -> draw, (ejected, out) -> told.add(ejected + " " + out));
        health.update(List.of(endpoints));
        told.clear();
        return health;
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private static void fail(EndpointHealth health, Endpoint endpoint, int times) {
        for (int i = 0; i < times; i++) health.ended(endpoint, Outcome.COMPLETED, 500);
    }

    @Test void failuresInARowEjectForAWhile() {
        EndpointHealth health = health(new Endpoint[] {A, B, C}, "outlier.consecutive-failures", "3", "outlier.ejection-time", "10s");
        fail(health, A, 2);
        health.ended(A, Outcome.COMPLETED, 200);
        fail(health, A, 2);
        assertThat(health.ready()).containsExactly(A, B, C);
        fail(health, A, 1);
        assertThat(health.ready()).containsExactly(B, C);
        assertThat(health.describe(A)).isEqualTo("ejected for 10 s");
        assertThat(told).containsExactly("true 1");
        pass(Duration.ofSeconds(10));
        assertThat(health.ready()).containsExactly(A, B, C);
        assertThat(told).containsExactly("true 1", "false 0");
    }

    @ParameterizedTest(name = "{0} {1} counts as a gateway error: {2}")
    @CsvSource({"CONNECT_FAILED, 0, true", "TIMED_OUT, 0, true", "BROKEN_BEFORE_HEAD, 0, true", "COMPLETED, 502, true", "COMPLETED, 503, true",
        "COMPLETED, 504, true", "COMPLETED, 500, false", "BROKEN_AFTER_HEAD, 200, false", "COMPLETED, 429, false", "CLIENT_GONE, 0, false", "ANSWERED, 0, false"})
    void gatewayErrorsHaveACountOfTheirOwn(Outcome outcome, int status, boolean counts) {
        EndpointHealth health = health(new Endpoint[] {A, B, C}, "outlier.consecutive-gateway-errors", "2");
        health.ended(A, outcome, status);
        health.ended(A, outcome, status);
        assertThat(health.ready().contains(A)).isEqualTo(!counts);
    }

    @Test void anEndpointThatFailsAgainIsLeftOutLonger() {
        EndpointHealth health = health(new Endpoint[] {A, B, C}, "outlier.consecutive-failures", "1", "outlier.ejection-time", "10s", "outlier.max-ejection-time", "30s");
        for (int seconds : new int[] {10, 20, 30, 30}) {
            fail(health, A, 1);
            assertThat(health.describe(A)).isEqualTo("ejected for " + seconds + " s");
            pass(Duration.ofSeconds(seconds));
            assertThat(health.ready()).contains(A);
        }
        pass(Duration.ofSeconds(31));                                // well for as long as it was out: forgotten
        fail(health, A, 1);
        assertThat(health.describe(A)).isEqualTo("ejected for 10 s");
    }

    @ParameterizedTest(name = "{0} % of 3 endpoints: {1} at most")
    @CsvSource({"10, 0", "34, 1", "50, 1", "67, 2", "100, 2"})
    void atMostAShareIsOutAndNeverTheLast(String percent, int most) {
        EndpointHealth health = health(new Endpoint[] {A, B, C}, "outlier.consecutive-failures", "1", "outlier.max-ejection-percent", percent);
        for (Endpoint endpoint : List.of(A, B, C)) fail(health, endpoint, 2);
        assertThat(health.ready()).hasSize(3 - most);
    }

    @Test void aNewEndpointGetsItsShareInTime() {
        EndpointHealth health = health(new Endpoint[] {A, B}, "slow-start", "10s");
        assertThat(health.ready()).containsExactly(A, B);
        health.update(List.of(A, B, C));
        draw = 0.05;
        assertThat(health.ready()).contains(C);
        draw = 0.5;
        assertThat(health.ready()).containsExactly(A, B);
        pass(Duration.ofSeconds(6));
        assertThat(health.ready()).contains(C);
        draw = 0.7;
        assertThat(health.ready()).doesNotContain(C);
        assertThat(health.describe(C)).isEqualTo("new, 60 % of a share");
        pass(Duration.ofSeconds(4));
        draw = 0.999;
        assertThat(health.ready()).containsExactly(A, B, C);
    }

    @Test void whereAllAreNewAllAreUsed() {
        EndpointHealth health = health(new Endpoint[] {A}, "slow-start", "10s");
        health.update(List.of(B, C));
        draw = 0.9;
        assertThat(health.ready()).containsExactly(B, C);
    }

    @Test void changedEndpointsLeaveTheOthersEjections() {
        EndpointHealth health = health(new Endpoint[] {A, B, C}, "outlier.consecutive-failures", "1");
        fail(health, A, 1);
        health.update(List.of(A, B, endpoint(4)));
        assertThat(health.ready()).containsExactly(B, endpoint(4));
        health.update(List.of(B));
        assertThat(health.ready()).containsExactly(B);
    }

    private static final String WORLD = service("shop/front", "10.0.0.1") + annotated("heddle.io/outlier.consecutive-failures: '1'")
            + endpoints("shop/back", "", 80, "10.1.0.1", "10.1.0.2", "10.1.0.3");
    private static final String ROUTE = route("shop/r", "name: front", "/", "{name: back, port: 80}");

    private static String annotated(String annotations) {
        return service("shop/back", "10.0.0.2").replace("namespace: shop}", "namespace: shop, annotations: {" + annotations + "}}");
    }

    private static BackendPlan backend(TestMesh mesh) {
        return mesh.rule("", "shop/front", 80, "/").split().next();
    }

    @Test void anEditElsewhereResetsNoEjection() {
        TestMesh mesh = TestMesh.of(WORLD, ROUTE);
        BackendPlan backend = backend(mesh);
        backend.ended(A, Outcome.COMPLETED, 500, Duration.ZERO);
        assertThat(backend.ready()).containsExactly(B, C);
        mesh.apply(WORLD, ROUTE, route("shop/z", "name: front", "/z", "{name: back, port: 80}"), service("shop/new", "10.0.0.9"));
        assertThat(backend(mesh).ready()).containsExactly(B, C);
        mesh.apply(WORLD.replace("10.1.0.3", "10.1.0.4"), ROUTE);
        assertThat(backend(mesh).ready()).containsExactly(B, endpoint(4));
        assertThat(((PooledBackend) backend(mesh)).pool().all()).contains(A);
    }

    @Test void theKernelAndAServiceWithoutAnnotationsKnowNothingOfIt() {
        TestMesh mesh = TestMesh.of(WORLD.replace("'1'", "'1'").replace("heddle.io/outlier", "other.io/outlier"), ROUTE);
        BackendPlan backend = backend(mesh);
        for (int i = 0; i < 100; i++) backend.ended(A, Outcome.COMPLETED, 500, Duration.ZERO);
        assertThat(backend.ready()).containsExactly(A, B, C).isSameAs(backend.ready());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "heddle.io/outlier.consecutive-failures: many | consecutive-failures: many (expected: 1 to 1000)",
        "heddle.io/outlier.consecutive-failure: '3' | outlier.consecutive-failure is unknown",
        "heddle.io/outlier.ejection-time: '5' | outlier.ejection-time: 5 (expected: a duration",
        "heddle.io/slow-start: 0s | slow-start: 0s (expected: longer)",
        "heddle.io/hash-on: 'header:' | hash-on: header: (expected: source,",
        "heddle.io/slow-start: 5s, heddle.io/load-balancer: ring-hash | no effect with the balancer ring-hash",
    })
    void aBadAnnotationIsNamedAndTheServiceGoesOn(String annotations, String problem) {
        TestMesh mesh = TestMesh.of(service("shop/front", "10.0.0.1") + annotated(annotations) + endpoints("shop/back", "", 80, "10.1.0.1"), ROUTE);
        assertThat(((PooledBackend) backend(mesh)).pool().problems()).singleElement().asString().contains(problem);
        assertThat(backend(mesh).ready()).containsExactly(A);
    }
}
