package heddle.core.internal;

import static heddle.core.internal.TestMesh.route;
import static heddle.core.internal.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.model.BackendTrafficPolicy;
import heddle.api.plan.RetryBudget;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** T8 (apisx/v1alpha1/xbackendtrafficpolicy_types.go, g3388). */
class RetryBudgetTest {
    private static final String WORLD = service("shop/front", "10.0.0.1") + service("shop/back", "10.0.0.2") + service("shop/other", "10.0.0.3")
            + route("shop/r", "name: front", "/", "{name: back, port: 80}") + route("shop/q", "name: front", "/q", "{name: back, port: 80}")
            + route("shop/o", "name: front", "/other", "{name: other, port: 80}");
    private final AtomicLong now = new AtomicLong();

    private static String policy(String name, String target, String spec) {
        return """
                ---
                apiVersion: gateway.networking.x-k8s.io/v1alpha1
                kind: XBackendTrafficPolicy
                metadata: {name: %s, namespace: shop}
                spec:
                  targetRefs: [{group: "", kind: Service, name: %s}]
                  %s
                """.formatted(name, target, spec);
    }

    private WindowedBudget budget(int percent, int floor) {
        return new WindowedBudget(new BackendTrafficPolicy.RetryConstraint(percent, Duration.ofSeconds(10), floor, Duration.ofSeconds(1)), now::get, () -> {});
    }

    private static int allowed(WindowedBudget budget, int asked) {
        int allowed = 0;
        for (int i = 0; i < asked; i++) if (budget.retry()) allowed++;
        return allowed;
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    /** At most so many per cent of the tries are retries: 800 requests leave room for 200. */
    @ParameterizedTest(name = "{1} requests, {0} % → {2} retries")
    @CsvSource({"20, 800, 200", "50, 100, 100", "0, 1000, 0", "10, 90, 10"})
    void aShareOfTheTriesMayBeRetries(int percent, int requests, int retries) {
        WindowedBudget budget = budget(percent, 1);
        for (int i = 0; i < requests; i++) budget.request();
        assertThat(allowed(budget, 5000)).isEqualTo(Math.max(1, retries));
    }

    @Test void theFloorIsAlwaysAllowedAndComesAgainEverySecond() {
        WindowedBudget budget = budget(20, 10);
        assertThat(allowed(budget, 100)).isEqualTo(10);
        pass(Duration.ofMillis(500));
        assertThat(allowed(budget, 100)).isZero();
        pass(Duration.ofMillis(600));
        assertThat(allowed(budget, 100)).isEqualTo(10);
    }

    @Test void requestsCountForTheIntervalOnly() {
        WindowedBudget budget = budget(20, 1);
        for (int i = 0; i < 400; i++) budget.request();
        pass(Duration.ofSeconds(9));
        assertThat(allowed(budget, 500)).isEqualTo(100);
        pass(Duration.ofSeconds(12));
        assertThat(allowed(budget, 500)).isEqualTo(1);
    }

    @Test void absentFieldsAre20PerCentIn10SecondsAndAFloorOf10A_Second() {
        TestMesh mesh = TestMesh.of(WORLD, policy("p", "back", "retryConstraint: {}"));
        assertThat(((WindowedBudget) budgetOf(mesh, "/")).constraint())
                .isEqualTo(new BackendTrafficPolicy.RetryConstraint(20, Duration.ofSeconds(10), 10, Duration.ofSeconds(1)));
    }

    private static RetryBudget budgetOf(TestMesh mesh, String path) {
        return mesh.rule("", "shop/front", 80, path).split().next().budget();
    }

    @Test void allRulesToABackendShareItsBudget() {
        TestMesh mesh = TestMesh.of(WORLD, policy("p", "back", "retryConstraint: {budget: {percent: 10}}"));
        assertThat(budgetOf(mesh, "/")).isSameAs(budgetOf(mesh, "/q")).isNotSameAs(RetryBudget.NONE);
        assertThat(budgetOf(mesh, "/other")).isSameAs(RetryBudget.NONE);
        assertThat(mesh.policyCondition("XBackendTrafficPolicy shop/p", 0, "Accepted")).isEqualTo("True Accepted");
    }

    @Test void anEditElsewhereLeavesTheBudgetAndItsCounts() {
        TestMesh mesh = TestMesh.of(WORLD, policy("p", "back", "retryConstraint: {budget: {percent: 10}}"));
        RetryBudget before = budgetOf(mesh, "/");
        mesh.apply(WORLD, policy("p", "back", "retryConstraint: {budget: {percent: 10}}"), policy("elsewhere", "other", "retryConstraint: {}"),
                route("shop/z", "name: front", "/z", "{name: back, port: 80}"));
        assertThat(budgetOf(mesh, "/z")).isSameAs(before);
        mesh.apply(WORLD, policy("p", "back", "retryConstraint: {budget: {percent: 11}}"));
        assertThat(budgetOf(mesh, "/")).isNotSameAs(before);
        mesh.apply(WORLD);
        assertThat(budgetOf(mesh, "/")).isSameAs(RetryBudget.NONE);
    }

    /** S8 */
    @Test void statusSaysConflictedTargetNotFoundAndInvalid() {
        TestMesh mesh = TestMesh.of(WORLD.replace("spec:\n  clusterIP: 10.0.0.3", "spec:\n  sessionAffinity: ClientIP\n  clusterIP: 10.0.0.3"),
                policy("a", "back", "retryConstraint: {}"), policy("b", "back", "retryConstraint: {}"), policy("c", "missing", "retryConstraint: {}"),
                policy("d", "other", "sessionPersistence: {sessionName: s}"));
        assertThat(mesh.policyCondition("XBackendTrafficPolicy shop/a", 0, "Accepted")).isEqualTo("True Accepted");
        assertThat(mesh.policyCondition("XBackendTrafficPolicy shop/b", 0, "Accepted")).isEqualTo("False Conflicted");
        assertThat(mesh.policyCondition("XBackendTrafficPolicy shop/c", 0, "Accepted")).isEqualTo("False TargetNotFound");
        assertThat(mesh.policyCondition("XBackendTrafficPolicy shop/d", 0, "Accepted")).isEqualTo("False Invalid");
    }
}
