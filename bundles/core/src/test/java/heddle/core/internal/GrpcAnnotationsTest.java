package heddle.core.internal;

import static heddle.core.internal.TestMesh.route;
import static heddle.core.internal.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.plan.RetryPolicy;
import heddle.api.plan.RulePlan;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** T7: timeouts and retries of GRPCRoutes by annotation, since the Gateway API has no fields for them (gateway-api#3139). */
class GrpcAnnotationsTest {
    private static final String RULES = "- name: fast\n    matches: [{method: {service: a.B}}]\n    backendRefs: [{name: back, port: 80}]\n  "
            + "- matches: [{method: {service: c.D}}]\n    backendRefs: [{name: back, port: 80}]";

    private static TestMesh mesh(String annotations) {
        return TestMesh.of(service("shop/front", "10.0.0.1") + service("shop/back", "10.0.0.2"), route("GRPCRoute", "shop/g", annotations, "name: front", RULES));
    }

    private static RulePlan rule(TestMesh mesh, String path) {
        return mesh.rule("", "shop/front", 80, path, "content-type", "application/grpc");
    }

    @Test void annotationsHoldForAllRulesAndThoseOfARuleForIt() {
        TestMesh mesh = mesh("heddle.io/timeout.request: 5s, heddle.io/timeout.backend-request: 1s, heddle.io/retry.codes: 'UNAVAILABLE, resource-exhausted', "
                + "heddle.io/retry.attempts: '3', heddle.io/retry.backoff: 10ms, heddle.io/retry.attempts.fast: '1'");
        assertThat(rule(mesh, "/a.B/C").requestTimeoutNanos()).isEqualTo(5_000_000_000L);
        assertThat(rule(mesh, "/a.B/C").backendTimeoutNanos()).isEqualTo(1_000_000_000L);
        assertThat(rule(mesh, "/a.B/C").retry()).contains(new RetryPolicy(List.of(), List.of(14, 8), 1, 10_000_000));
        assertThat(rule(mesh, "/c.D/E").retry()).contains(new RetryPolicy(List.of(), List.of(14, 8), 3, 10_000_000));
    }

    @Test void withoutAnnotationsThereIsNeither() {
        assertThat(rule(mesh(""), "/a.B/C").retry()).isEmpty();
        assertThat(rule(mesh(""), "/a.B/C").requestTimeoutNanos()).isZero();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "heddle.io/retry.codes: SOMETIMES | retry.codes: SOMETIMES (expected:",
        "heddle.io/retry.codes: OK | retry.codes: OK (expected:",
        "heddle.io/retry.attempts: '-1' | retry.attempts: -1 (expected: 0 to 10)",
        "heddle.io/timeout.request: soon | timeout.request: soon (expected: a duration",
        "heddle.io/timeout.request: 1s, heddle.io/timeout.backend-request: 2s | timeout.backend-request: is longer",
    })
    void aBadOneIsRefusedAndFailsClosed(String annotations, String message) {
        TestMesh mesh = mesh(annotations);
        assertThat(mesh.condition("GRPCRoute shop/g", "Accepted")).isEqualTo("False UnsupportedValue");
        assertThat(mesh.message("GRPCRoute shop/g", "Accepted")).contains(message);
        assertThat(mesh.send("", "shop/front", 80, "/a.B/C")).isEqualTo("500 filter");
    }

    @Test void aBadOneForOneRuleLeavesTheOthers() {
        TestMesh mesh = mesh("heddle.io/retry.attempts.fast: many");
        assertThat(mesh.condition("GRPCRoute shop/g", "Accepted")).isEqualTo("True Accepted");
        assertThat(mesh.condition("GRPCRoute shop/g", "PartiallyInvalid")).isEqualTo("True UnsupportedValue");
        assertThat(mesh.send("", "shop/front", 80, "/c.D/E")).isEqualTo("shop/back:80");
    }
}
