package heddle.core.internal;

import static heddle.core.internal.TestMesh.endpoints;
import static heddle.core.internal.TestMesh.route;
import static heddle.core.internal.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** SPEC.md, the request flow in one paragraph. */
class RoutesReachTheirServiceTest {
    private static final String OVEN = service("food/oven", "10.0.0.1") + endpoints("food/oven", "", 8080, "10.1.0.1");
    private static final String HOT = service("food/hot", "10.0.0.2") + endpoints("food/hot", "", 8080, "10.1.0.2");

    @Test void withoutRoutesConnectionsGoToTheServicesOwnEndpoints() {
        TestMesh mesh = TestMesh.of(OVEN);
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("own food/oven:80");
        assertThat(mesh.at("10.0.0.1", 80)).get().satisfies(plan -> assertThat(plan.service()).isEqualTo("food/oven"));
        assertThat(mesh.at("10.0.0.1", 81)).isEmpty();
    }

    @Test void aMatchGoesToItsBackendAndAMissIsRejected() {
        TestMesh mesh = TestMesh.of(OVEN, HOT, route("food/bake", "name: oven", "/bake", "{name: hot, port: 80}"));
        assertThat(mesh.send("", "food/oven", 80, "/bake/cake")).isEqualTo("food/hot:80");
        assertThat(mesh.send("", "food/oven", 80, "/fry")).isEqualTo("404 no-route");
        assertThat(mesh.condition("HTTPRoute food/bake", "Accepted")).isEqualTo("True Accepted");
        assertThat(mesh.condition("HTTPRoute food/bake", "ResolvedRefs")).isEqualTo("True ResolvedRefs");
    }
}
