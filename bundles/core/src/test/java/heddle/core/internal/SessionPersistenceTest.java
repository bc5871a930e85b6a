package heddle.core.internal;

import static heddle.core.internal.TestMesh.endpoints;
import static heddle.core.internal.TestMesh.route;
import static heddle.core.internal.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.match.BadPathException;
import heddle.api.match.GivenRequest;
import heddle.api.plan.BackendPlan;
import heddle.api.plan.RulePlan;
import heddle.api.plan.Sessions;
import heddle.api.policy.Endpoint;
import heddle.api.policy.FilterAction;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** T9 (SessionPersistence in apis/v1/shared_types.go, g1619): tokens and where they lead. */
class SessionPersistenceTest {
    private static final String SLICES = endpoints("shop/a", "", 8080, "10.1.0.1", "10.1.0.2") + endpoints("shop/b", "", 8080, "10.2.0.1", "10.2.0.2");
    private static final String WORLD = service("shop/front", "10.0.0.1") + service("shop/a", "10.0.0.2") + service("shop/b", "10.0.0.3") + SLICES;
    private static final String COOKIE = "sessionPersistence: {sessionName: s}";

    private static String rule(String prefix, String backends, String session) {
        return "- matches: [{path: {type: PathPrefix, value: " + prefix + "}}]\n    " + (session.isEmpty() ? "" : session + "\n    ") + "backendRefs: [" + backends + "]";
    }

    private static String with(String... rules) {
        return route("HTTPRoute", "shop/r", "", "name: front", String.join("\n  ", rules));
    }

    private static RulePlan plan(TestMesh mesh, String path) {
        return mesh.rule("", "shop/front", 80, path);
    }

    private static GivenRequest get(String... header) {
        try {
            GivenRequest head = GivenRequest.of("GET", "/");
            return header.length == 0 ? head : head.with(header[0], header[1]);
        } catch (BadPathException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static FilterAction.Field begin(RulePlan plan, BackendPlan backend, Endpoint endpoint) {
        return plan.sessions().orElseThrow().tell(Optional.empty(), backend, endpoint).orElseThrow();
    }

    /** The cookie that a client sends back. */
    private static String cookie(FilterAction.Field told) {
        assertThat(told.name()).isEqualTo("set-cookie");
        return told.value().substring(0, told.value().indexOf(';'));
    }

    @Test void aCookieLeadsBackToItsEndpoint() {
        TestMesh mesh = TestMesh.of(WORLD, with(rule("/", "{name: a, port: 80}", COOKIE)));
        RulePlan plan = plan(mesh, "/");
        BackendPlan backend = plan.split().next();
        for (Endpoint endpoint : backend.ready()) {
            FilterAction.Field told = begin(plan, backend, endpoint);
            assertThat(told.value()).startsWith("s=").endsWith("; Path=/; HttpOnly").doesNotContain("10.1.");
            Optional<Sessions.Session> found = plan.sessions().orElseThrow().find(get("Cookie", "other=1; " + cookie(told) + "; more=2"));
            assertThat(found.orElseThrow().endpoint()).isEqualTo(endpoint);
            assertThat(plan.sessions().orElseThrow().tell(found, backend, endpoint)).isEmpty();
        }
    }

    @Test void aHeaderDoesTheSame() {
        TestMesh mesh = TestMesh.of(WORLD, with(rule("/", "{name: a, port: 80}", "sessionPersistence: {sessionName: X-Shop, type: Header}")));
        RulePlan plan = plan(mesh, "/");
        BackendPlan backend = plan.split().next();
        FilterAction.Field told = begin(plan, backend, backend.ready().getLast());
        assertThat(told.name()).isEqualTo("x-shop");
        assertThat(plan.sessions().orElseThrow().find(get("X-Shop", told.value())).orElseThrow().endpoint()).isEqualTo(backend.ready().getLast());
    }

    @ParameterizedTest(name = "{0} is no session")
    @ValueSource(strings = {"s=10.1.0.1:8080", "s=", "s=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "s=%%%", "t=x"})
    void aClientCannotNameAnEndpointItself(String cookie) {
        TestMesh mesh = TestMesh.of(WORLD, with(rule("/", "{name: a, port: 80}", COOKIE)));
        assertThat(plan(mesh, "/").sessions().orElseThrow().find(get("Cookie", cookie))).isEmpty();
    }

    @Test void aTokenThatWasTouchedIsNoSession() {
        TestMesh mesh = TestMesh.of(WORLD, with(rule("/", "{name: a, port: 80}", COOKIE)));
        RulePlan plan = plan(mesh, "/");
        String cookie = cookie(begin(plan, plan.split().next(), plan.split().next().ready().getFirst()));
        for (int i = 2; i < cookie.length() - 1; i += 5) {
            String touched = cookie.substring(0, i) + (cookie.charAt(i) == 'A' ? 'B' : 'A') + cookie.substring(i + 1);
            assertThat(plan.sessions().orElseThrow().find(get("Cookie", touched))).isEmpty();
        }
    }

    @Test void anotherDaemonWithTheSameSecretKnowsTheSession() {
        SessionTokens one = new SessionTokens("s3cret");
        String token = one.write("r 0", new SessionTokens.Content(1, 2, "shop/a:80", "10.1.0.1:8080"));
        assertThat(new SessionTokens("s3cret").read("r 0", token)).contains(new SessionTokens.Content(1, 2, "shop/a:80", "10.1.0.1:8080"));
        assertThat(new SessionTokens("other").read("r 0", token)).isEmpty();
        assertThat(one.read("r 1", token)).isEmpty();
    }

    @Test void aSessionSticksAtWeightZero() {
        String even = with(rule("/", "{name: a, port: 80}, {name: b, port: 80}", COOKIE));
        TestMesh mesh = TestMesh.of(WORLD, even);
        RulePlan plan = plan(mesh, "/");
        BackendPlan b = ((WeightedSplit) plan.split()).shares().get(1).backend();
        String cookie = cookie(begin(plan, b, b.ready().getFirst()));
        mesh.apply(WORLD, even.replace("{name: b, port: 80}", "{name: b, port: 80, weight: 0}"));
        Sessions.Session found = plan(mesh, "/").sessions().orElseThrow().find(get("Cookie", cookie)).orElseThrow();
        assertThat(found.backend().name()).isEqualTo("shop/b:80");
        assertThat(TestMesh.text(plan(mesh, "/").split())).isEqualTo("shop/a:80");
    }

    @Test void anEndpointThatHasGoneEndsTheSession() {
        String route = with(rule("/", "{name: a, port: 80}", COOKIE));
        TestMesh mesh = TestMesh.of(WORLD, route);
        RulePlan plan = plan(mesh, "/");
        BackendPlan backend = plan.split().next();
        String cookie = cookie(begin(plan, backend, backend.ready().getFirst()));
        mesh.apply(WORLD.replace("- {addresses: [10.1.0.1]}\n", ""), route);
        assertThat(plan(mesh, "/").sessions().orElseThrow().find(get("Cookie", cookie))).isEmpty();
    }

    @Test void anEditElsewhereKeepsTheSession() {
        String route = with(rule("/", "{name: a, port: 80}", COOKIE));
        TestMesh mesh = TestMesh.of(WORLD, route);
        RulePlan plan = plan(mesh, "/");
        String cookie = cookie(begin(plan, plan.split().next(), plan.split().next().ready().getFirst()));
        mesh.apply(WORLD, route, route("shop/z", "name: front", "/z", "{name: b, port: 80}"));
        assertThat(plan(mesh, "/").sessions().orElseThrow().find(get("Cookie", cookie))).isPresent();
    }

    @Test void twoRulesToOneBackendShareNoSession() {
        TestMesh mesh = TestMesh.of(WORLD, with(rule("/", "{name: a, port: 80}", "sessionPersistence: {}"), rule("/two", "{name: a, port: 80}", "sessionPersistence: {}"),
                rule("/three", "{name: a, port: 80}", COOKIE), rule("/four", "{name: a, port: 80}", COOKIE)));
        RulePlan one = plan(mesh, "/");
        BackendPlan backend = one.split().next();
        String first = cookie(begin(one, backend, backend.ready().getFirst()));
        RulePlan two = plan(mesh, "/two");
        String second = cookie(begin(two, two.split().next(), backend.ready().getLast()));
        assertThat(first.substring(0, first.indexOf('='))).isNotEqualTo(second.substring(0, second.indexOf('=')));
        RulePlan three = plan(mesh, "/three");
        String named = cookie(begin(three, three.split().next(), backend.ready().getFirst()));
        assertThat(plan(mesh, "/four").sessions().orElseThrow().find(get("Cookie", named))).isEmpty();
    }

    @Test void permanentIsAMaxAgeOfTheAbsoluteTimeout() {
        TestMesh mesh = TestMesh.of(WORLD, with(rule("/", "{name: a, port: 80}",
                "sessionPersistence: {sessionName: s, absoluteTimeout: 1h, cookieConfig: {lifetimeType: Permanent}}")));
        RulePlan plan = plan(mesh, "/");
        assertThat(begin(plan, plan.split().next(), plan.split().next().ready().getFirst()).value()).endsWith("; Path=/; HttpOnly; Max-Age=3600");
    }

    /** The policy's own, at a clock of ours. */
    private static Sessions at(RulePlan plan, AtomicLong seconds) {
        HeldRule rule = (HeldRule) plan;
        return RuleSessions.of(rule.recipe(), rule.weighted().shares(), seconds::get).orElseThrow();
    }

    @Test void timeoutsEndASession() {
        TestMesh mesh = TestMesh.of(WORLD, with(rule("/", "{name: a, port: 80}", "sessionPersistence: {sessionName: s, absoluteTimeout: 100s, idleTimeout: 10s}")));
        RulePlan plan = plan(mesh, "/");
        AtomicLong now = new AtomicLong(1_000_000);
        Sessions sessions = at(plan, now);
        BackendPlan backend = plan.split().next();
        Endpoint endpoint = backend.ready().getFirst();
        String cookie = cookie(sessions.tell(Optional.empty(), backend, endpoint).orElseThrow());
        for (int i = 0; i < 11; i++) {
            now.addAndGet(9);
            Optional<Sessions.Session> found = sessions.find(get("Cookie", cookie));
            assertThat(found).as("after %s", (i + 1) * 9).isPresent();
            cookie = cookie(sessions.tell(found, backend, endpoint).orElseThrow());           // each answer says that the client was seen
        }
        now.addAndGet(2);
        assertThat(sessions.find(get("Cookie", cookie))).as("absolute").isEmpty();
        cookie = cookie(sessions.tell(Optional.empty(), backend, endpoint).orElseThrow());
        now.addAndGet(10);
        assertThat(sessions.find(get("Cookie", cookie))).as("idle").isEmpty();
    }

    @Test void theRuleBeatsThePolicyAndThePolicyServesRulesWithout() {
        String policy = """
                ---
                apiVersion: gateway.networking.x-k8s.io/v1alpha1
                kind: XBackendTrafficPolicy
                metadata: {name: p, namespace: shop}
                spec:
                  targetRefs: [{group: "", kind: Service, name: a}]
                  sessionPersistence: {sessionName: x-policy, type: Header}
                """;
        TestMesh mesh = TestMesh.of(WORLD, policy, with(rule("/", "{name: a, port: 80}", COOKIE), rule("/plain", "{name: a, port: 80}, {name: b, port: 80}", ""),
                rule("/none", "{name: b, port: 80}", "")));
        RulePlan own = plan(mesh, "/");
        assertThat(begin(own, own.split().next(), own.split().next().ready().getFirst()).name()).isEqualTo("set-cookie");
        RulePlan plain = plan(mesh, "/plain");
        List<WeightedSplit.Share> shares = ((WeightedSplit) plain.split()).shares();
        BackendPlan a = shares.getFirst().backend();
        FilterAction.Field told = begin(plain, a, a.ready().getFirst());
        assertThat(told.name()).isEqualTo("x-policy");
        assertThat(plain.sessions().orElseThrow().find(get("x-policy", told.value())).orElseThrow().backend()).isSameAs(a);
        BackendPlan b = shares.getLast().backend();
        assertThat(plain.sessions().orElseThrow().tell(Optional.empty(), b, b.ready().getFirst())).isEmpty();
        assertThat(plan(mesh, "/none").sessions()).isEmpty();
    }

    @ParameterizedTest(name = "{0} with sessionAffinity ClientIP")
    @ValueSource(strings = {"front", "a"})
    void clientIpAffinityAndRoutePersistenceExcludeEachOther(String service) {
        String address = service.equals("front") ? "10.0.0.1" : "10.0.0.2";
        TestMesh mesh = TestMesh.of(WORLD.replace("clusterIP: " + address, "sessionAffinity: ClientIP\n  clusterIP: " + address), with(rule("/", "{name: a, port: 80}", COOKIE)));
        assertThat(mesh.condition("HTTPRoute shop/r", "Accepted")).isEqualTo("False UnsupportedValue");
        assertThat(mesh.message("HTTPRoute shop/r", "Accepted")).contains("ClientIP");
    }

    @Test void clientIpAloneIsHonouredByTheBalancerAndTheKernel() {
        TestMesh mesh = new TestMesh();
        CountingParts.Balancers byHash = new CountingParts.Balancers("ring-hash");
        mesh.parts.balancers.add(byHash, TestMesh.NO_PROPERTIES);
        mesh.apply(WORLD.replace("clusterIP: 10.0.0.2", "sessionAffinity: ClientIP\n  clusterIP: 10.0.0.2"), with(rule("/", "{name: a, port: 80}", "")));
        assertThat(plan(mesh, "/").split().next().balancer()).isSameAs(byHash.of("shop/a:80"));
        assertThat(new SteeringPlans().plan(mesh.build.snapshot(), true, true).frontends()).filteredOn(each -> each.service().startsWith("shop/a:"))
                .singleElement().satisfies(each -> assertThat(each.affinity()).isTrue());
    }
}
