package heddle.core.internal;

import static heddle.core.internal.TestMesh.NO_PROPERTIES;
import static heddle.core.internal.TestMesh.endpoints;
import static heddle.core.internal.TestMesh.route;
import static heddle.core.internal.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.match.Candidate;
import heddle.api.match.Compiled;
import heddle.api.match.RouteCompiler;
import heddle.api.plan.ClientPlan;
import heddle.api.plan.RulePlan;
import heddle.api.policy.Backend;
import heddle.api.policy.LoadBalancer;
import heddle.api.policy.LoadBalancerFactory;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** DESIGN.md, hot swap: only what changed is built; unrelated edits reset nothing. */
class CarryOverTest {
    private static final String SERVICES = service("food/oven", "10.0.0.1") + service("food/pan", "10.0.0.2") + service("food/a", "10.0.0.3") + service("food/b", "10.0.0.4");
    private static final String SLICES = endpoints("food/a", "", 8080, "10.1.0.1") + endpoints("food/b", "", 8080, "10.1.0.2");
    private static final String OVEN = filtered("oven", "a", "/", "h: one");
    private static final String PAN = filtered("pan", "b", "/", "h: two");

    private final TestMesh mesh = new TestMesh();
    private final CountingParts.Filters filters = new CountingParts.Filters("RequestHeaderModifier");
    private final CountingParts.Balancers balancers = new CountingParts.Balancers("round-robin");
    private final CountingParts.Compiler compiler = new CountingParts.Compiler();

    @BeforeEach void parts() {
        mesh.parts.filters.add(filters, NO_PROPERTIES);
        mesh.parts.balancers.add(balancers, NO_PROPERTIES);
        mesh.parts.compilers.add(compiler, Map.of("service.ranking", 10));
    }

    private static String filtered(String service, String backend, String prefix, String header) {
        return route("HTTPRoute", "food/" + service, "", "name: " + service, """
                - matches: [{path: {type: PathPrefix, value: %s}}]
                    filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: %s, value: %s}]}}]
                    backendRefs: [{name: %s, port: 80}]""".formatted(prefix, header.split(": ")[0], header.split(": ")[1], backend));
    }

    private RulePlan rule(String service) {
        return mesh.rule("", "food/" + service, 80, "/");
    }

    @Test void anUnrelatedEditKeepsTheFrontendWithAllThatIsInIt() {
        mesh.apply(SERVICES, SLICES, OVEN, PAN);
        PortFrontend oven = mesh.frontend("food/oven", 80);
        RulePlan before = rule("oven");
        int compiled = compiler.compiled;
        mesh.apply(SERVICES, SLICES, OVEN, filtered("pan", "b", "/new", "h: two"));
        assertThat(mesh.frontend("food/oven", 80)).isSameAs(oven);
        assertThat(rule("oven")).isSameAs(before);
        assertThat(mesh.build.rebuilt()).isEqualTo(1);
        assertThat(compiler.compiled).isEqualTo(compiled + 1);
        assertThat(mesh.build.snapshot().generation()).isEqualTo(2);
    }

    @Test void anEditOfTheRuleItselfKeepsAFilterWhoseSpecIsTheSame() {
        mesh.apply(SERVICES, SLICES, OVEN);
        RulePlan before = rule("oven");
        mesh.apply(SERVICES, SLICES, OVEN.replace("backendRefs:", "timeouts: {request: 1s}\n    backendRefs:"));
        assertThat(rule("oven")).isNotSameAs(before);
        assertThat(rule("oven").filters()).isEqualTo(before.filters());
        assertThat(rule("oven").recorder()).isSameAs(before.recorder());
        assertThat(filters.made).hasSize(1);
    }

    @Test void aChangedFilterIsMadeAnewAndTheOldOneClosedWithItsPlan() {
        mesh.apply(SERVICES, SLICES, OVEN);
        mesh.apply(SERVICES, SLICES, filtered("oven", "a", "/", "h: other"));
        assertThat(filters.made).hasSize(2);
        mesh.builder.sweep();
        assertThat(filters.made.getFirst().closed).isZero();
        mesh.build.retired().forEach(Held::release);
        mesh.builder.sweep();
        assertThat(filters.made.getFirst().closed).isEqualTo(1);
        assertThat(filters.made.getLast().closed).isZero();
    }

    @Test void endpointsChangeInPlaceAndPublishNoGeneration() {
        mesh.apply(SERVICES, SLICES, OVEN, PAN);
        RulePlan before = rule("oven");
        mesh.apply(SERVICES, SLICES.replace("10.1.0.1", "10.1.0.77"), OVEN, PAN);
        assertThat(mesh.build.changed()).isFalse();
        assertThat(mesh.build.snapshot().generation()).isEqualTo(1);
        assertThat(before.split().next().ready()).extracting(each -> each.address().getAddress().getHostAddress()).containsExactly("10.1.0.77");
        assertThat(balancers.of("food/a:80").updates).hasSize(2);
        assertThat(balancers.of("food/b:80").updates).hasSize(1);
    }

    @Test void rulesToOneBackendShareItsBalancer() {
        mesh.apply(SERVICES, SLICES, OVEN, filtered("pan", "a", "/", "h: two"));
        assertThat(rule("oven").split().next().balancer()).isSameAs(rule("pan").split().next().balancer());
    }

    @Test void aBalancerGoesWithTheLastRuleThatUsesIt() {
        mesh.apply(SERVICES, SLICES, OVEN, PAN);
        CountingParts.Balancer b = balancers.of("food/b:80");
        mesh.apply(SERVICES.replace(service("food/b", "10.0.0.4"), ""), SLICES, OVEN);
        mesh.build.retired().forEach(Held::release);
        mesh.builder.sweep();
        assertThat(b.closed).isEqualTo(1);
        assertThat(balancers.of("food/a:80").closed).isZero();
    }

    @Test void aBackendsServiceThatComesLaterIsFound() {
        mesh.apply(SERVICES.replace(service("food/a", "10.0.0.3"), ""), OVEN);
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("500 invalid-backend");
        mesh.apply(SERVICES, SLICES, OVEN);
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("food/a:80");
        assertThat(rule("oven").split().next().ready()).hasSize(1);
    }

    @Test void aLeavingFactoryLeavesItsRulesAnswering500() {
        mesh.apply(SERVICES, SLICES, OVEN);
        mesh.parts.filters.remove(filters);
        mesh.again();
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("500 filter");
        assertThat(mesh.message("HTTPRoute food/oven", "Accepted")).contains("no filter of type RequestHeaderModifier is installed");
        mesh.parts.filters.add(filters, NO_PROPERTIES);
        mesh.again();
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("food/a:80");
    }

    @Test void ofTwoFactoriesTheHigherRankingMakesTheFilter() {
        mesh.apply(SERVICES, SLICES, OVEN);
        CountingParts.Filters better = new CountingParts.Filters("RequestHeaderModifier");
        mesh.parts.filters.add(better, Map.of("service.ranking", 1));
        mesh.again();
        assertThat(better.made).hasSize(1);
        assertThat(rule("oven").filters()).containsExactlyElementsOf(better.made);
    }

    @Test void aCompilerThatThrowsLeavesTheLastTableInForce() {
        mesh.apply(SERVICES, SLICES, OVEN);
        compiler.throwing = true;
        mesh.apply(SERVICES, SLICES, filtered("oven", "b", "/", "h: one"));
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("food/a:80");
        assertThat(mesh.build.retired()).noneMatch(rule("oven")::equals);
        assertThat(mesh.build.problems()).singleElement().asString().contains("counting failed").contains("cannot compile");
        assertThat(mesh.message("HTTPRoute food/oven", "Accepted")).contains("last table stays in force");

        compiler.throwing = false;
        mesh.again();
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("food/b:80");
        assertThat(mesh.build.problems()).isEmpty();
    }

    /** A bundle that was built without a class it needs must not hold up the builds of all others. */
    @Test void aCompilerOrABalancerThatLacksAClassOfItsOwnIsOneThatThrows() {
        RouteCompiler broken = new RouteCompiler() {
            @Override public String name() {
                return "broken";
            }

            @Override public Compiled compile(List<Candidate> candidates) {
                throw new NoClassDefFoundError("org/acme/Matcher");
            }
        };
        mesh.parts.compilers.add(broken, Map.of("service.ranking", 20));
        mesh.parts.balancers.add(new LoadBalancerFactory() {
            @Override public String name() {
                return "round-robin";
            }

            @Override public LoadBalancer create(Backend backend, Map<String, String> annotations) {
                throw new NoClassDefFoundError("org/acme/Hash");
            }
        }, Map.of("service.ranking", 20));
        mesh.apply(SERVICES, SLICES, OVEN);
        assertThat(mesh.build.problems()).singleElement().asString().contains("NoClassDefFoundError: org/acme/Matcher");
        mesh.parts.compilers.remove(broken);
        mesh.again();
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("food/a:80");
    }

    @Test void aCompilerThatThrowsAtOnceFailsClosed() {
        compiler.throwing = true;
        mesh.apply(SERVICES, SLICES, OVEN);
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("500 no-valid-rule");
    }

    @Test void theNextCompilerTakesOver() {
        mesh.apply(SERVICES, SLICES, OVEN);
        ClientPlan before = mesh.frontend("food/oven", 80).forClient(mesh.client(""));
        mesh.parts.compilers.remove(compiler);
        mesh.again();
        assertThat(mesh.frontend("food/oven", 80).forClient(mesh.client(""))).isNotSameAs(before);
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("food/a:80");
    }

    /** A mirror's backend is resolved with the plan: when it appears, the filter is made anew. */
    @Test void aFilterFollowsItsBackend() {
        CountingParts.Filters mirrors = new CountingParts.Filters("RequestMirror");
        mesh.parts.filters.add(new AskingFilters(mirrors), NO_PROPERTIES);
        String mirrored = route("HTTPRoute", "food/oven", "", "name: oven", """
                - filters: [{type: RequestMirror, requestMirror: {backendRef: {name: late, port: 80}}}]
                    backendRefs: [{name: a, port: 80}]""");
        mesh.apply(SERVICES, SLICES, mirrored);
        assertThat(mesh.condition("HTTPRoute food/oven", "ResolvedRefs")).isEqualTo("False BackendNotFound");
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("food/a:80");
        mesh.apply(SERVICES + service("food/late", "10.0.0.9"), SLICES, mirrored);
        assertThat(mesh.condition("HTTPRoute food/oven", "ResolvedRefs")).isEqualTo("True ResolvedRefs");
        assertThat(mirrors.made).hasSize(2);
    }

    /** Asks for the mirror's backend, as a real factory does. */
    private record AskingFilters(CountingParts.Filters inner) implements heddle.api.policy.FilterFactory {
        @Override public String type() {
            return inner.type();
        }

        @Override public heddle.api.policy.Filter create(heddle.api.policy.FilterSpec spec) throws heddle.api.policy.InvalidFilterException {
            spec.backend(((heddle.api.model.RouteFilter.Mirror) spec.filter()).backend());
            return inner.create(spec);
        }
    }
}
