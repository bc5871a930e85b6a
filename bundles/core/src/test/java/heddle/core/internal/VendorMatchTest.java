package heddle.core.internal;

import static heddle.core.internal.TestMesh.NO_PROPERTIES;
import static heddle.core.internal.TestMesh.route;
import static heddle.core.internal.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.match.PredicateFactory;
import heddle.api.match.RequestHead;
import heddle.api.model.CustomObject;
import heddle.api.model.Metadata;
import heddle.api.model.MeshObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** A vendor's match kind, attached by annotation; one that does not resolve answers 500 (SPEC.md F5 for matches). */
class VendorMatchTest {
    private static final String SERVICES = service("food/oven", "10.0.0.1") + service("food/a", "10.0.0.2") + service("food/b", "10.0.0.3");
    private static final String ROUTE = route("HTTPRoute", "food/r", "heddle.io/match.night: Hours.acme.io/late", "name: oven", """
            - name: night
                backendRefs: [{name: a, port: 80}]
              - name: day
                matches: [{path: {type: PathPrefix, value: /day}}]
                backendRefs: [{name: b, port: 80}]""");

    private record Hours(String type) implements PredicateFactory {
        @Override public Predicate<RequestHead> create(CustomObject spec) {
            return head -> head.header("hour").equals(spec.spec().get("hour"));
        }
    }

    private final TestMesh mesh = new TestMesh();

    private void apply(boolean withObject) {
        List<MeshObject> objects = new ArrayList<>(GivenState.of(SERVICES, ROUTE).objects());
        if (withObject) objects.add(new CustomObject(Metadata.of("Hours", "food", "late"), "acme.io", "v1", Map.of("hour", "23")));
        mesh.apply(GivenState.of(objects));
    }

    @Test void theConditionJoinsTheRulesMatches() {
        mesh.parts.predicates.add(new Hours("acme.io/Hours"), NO_PROPERTIES);
        apply(true);
        assertThat(mesh.send("", "food/oven", 80, "/", "hour", "23")).isEqualTo("food/a:80");
        assertThat(mesh.send("", "food/oven", 80, "/", "hour", "12")).isEqualTo("404 no-route");
        assertThat(mesh.send("", "food/oven", 80, "/day")).isEqualTo("food/b:80");
    }

    /** What a bundle looks like that was built without a library it needs. */
    @Test void oneThatCannotBeMadeAnswers500ForItsRuleOnly() {
        mesh.parts.predicates.add(new PredicateFactory() {
            @Override public String type() {
                return "acme.io/Hours";
            }

            @Override public Predicate<RequestHead> create(CustomObject spec) {
                throw new NoClassDefFoundError("org/acme/Clock");
            }
        }, NO_PROPERTIES);
        apply(true);
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("500 filter");
        assertThat(mesh.send("", "food/oven", 80, "/day")).isEqualTo("food/b:80");
        assertThat(mesh.message("HTTPRoute food/r", "PartiallyInvalid")).contains("NoClassDefFoundError: org/acme/Clock");
    }

    @Test void whatDoesNotResolveAnswers500ForItsRuleOnly() {
        apply(true);
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("500 filter");
        assertThat(mesh.send("", "food/oven", 80, "/day")).isEqualTo("food/b:80");
        assertThat(mesh.message("HTTPRoute food/r", "PartiallyInvalid")).contains("no match of type acme.io/Hours is installed");
        mesh.parts.predicates.add(new Hours("acme.io/Hours"), NO_PROPERTIES);
        apply(false);
        assertThat(mesh.message("HTTPRoute food/r", "PartiallyInvalid")).contains("Hours.acme.io/late does not exist");
    }
}
