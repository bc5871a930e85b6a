package heddle.core.internal;

import static heddle.core.internal.TestMesh.route;
import static heddle.core.internal.TestMesh.service;
import static heddle.core.internal.TestMesh.workload;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SPEC.md, per-workload routes (beyond GAMMA). */
class PerWorkloadRoutesTest {
    private static final String SERVICES = service("food/oven", "10.0.0.1") + service("food/a", "10.0.0.2") + service("food/b", "10.0.0.3")
            + service("food/c", "10.0.0.4") + service("food/d", "10.0.0.5");
    private static final String CLIENTS = workload("shop/blender", "blender", "app: blender, tier: fast", "10.9.0.1")
            + workload("shop/mixer", "mixer", "app: mixer, tier: fast", "10.9.0.2") + workload("food/cook", "cook", "app: blender", "10.9.0.3");

    private static String consumer(String name, String annotations, String backend, String timeout) {
        return route("HTTPRoute", "shop/" + name, annotations, "namespace: food, name: oven",
                "- backendRefs: [{namespace: food, name: " + backend + ", port: 80}]\n    timeouts: {request: " + timeout + "}");
    }

    private static String producer(String name, String annotations, String backend) {
        return route("HTTPRoute", "food/" + name, annotations, "name: oven", "- backendRefs: [{name: " + backend + ", port: 80}]");
    }

    /** The case that the GAMMA page calls impossible: two consumers in one namespace with different timeouts. */
    @Test void blenderAndMixerHaveDifferentTimeouts() {
        TestMesh mesh = TestMesh.of(SERVICES, CLIENTS, consumer("blender", "heddle.io/client-selector: app=blender", "a", "100ms"),
                consumer("mixer", "heddle.io/client-selector: app=mixer", "a", "2s"));
        assertThat(mesh.rule("shop/blender", "food/oven", 80, "/").requestTimeoutNanos()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(100));
        assertThat(mesh.rule("shop/mixer", "food/oven", 80, "/").requestTimeoutNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(2));
        assertThat(mesh.send("food/cook", "food/oven", 80, "/")).isEqualTo("own food/oven:80");
    }

    @ParameterizedTest(name = "with the first {0} of [selected consumer, consumer, selected producer, producer] left out → {1}")
    @CsvSource({"0, food/a:80", "1, food/b:80", "2, food/c:80", "3, food/d:80", "4, own food/oven:80"})
    void precedence(int without, String goesTo) {
        String[] routes = {consumer("selected", "heddle.io/client-selector: app=blender", "a", "1s"), consumer("plain", "", "b", "1s"),
                producer("selected", "heddle.io/client-selector: app=blender", "c"), producer("plain", "", "d")};
        String given = "";
        for (int i = without; i < routes.length; i++) given += routes[i];
        assertThat(TestMesh.of(SERVICES, CLIENTS, given).send("shop/blender", "food/oven", 80, "/")).isEqualTo(goesTo);
    }

    @Test void everySelectedRouteThatMatchesTheClientIsInItsSet() {
        String tier = consumer("tier", "heddle.io/client-selector: tier=fast", "a", "1s");
        String app = consumer("app", "heddle.io/client-selector: app=blender", "b", "1s").replace("- backendRefs", "- matches: [{path: {type: Exact, value: /app}}]\n    backendRefs");
        TestMesh mesh = TestMesh.of(SERVICES, CLIENTS, tier, app);
        assertThat(mesh.send("shop/blender", "food/oven", 80, "/app")).isEqualTo("food/b:80");
        assertThat(mesh.send("shop/blender", "food/oven", 80, "/")).isEqualTo("food/a:80");
        assertThat(mesh.send("shop/mixer", "food/oven", 80, "/app")).isEqualTo("food/a:80");
    }

    @Test void setsReplaceAndDoNotMerge() {
        String app = consumer("app", "heddle.io/client-selector: app=blender", "b", "1s").replace("- backendRefs", "- matches: [{path: {type: Exact, value: /app}}]\n    backendRefs");
        TestMesh mesh = TestMesh.of(SERVICES, CLIENTS, app, consumer("plain", "", "a", "1s"), producer("plain", "", "d"));
        assertThat(mesh.send("shop/blender", "food/oven", 80, "/")).isEqualTo("404 no-route");
        assertThat(mesh.send("shop/mixer", "food/oven", 80, "/")).isEqualTo("food/a:80");
    }

    @ParameterizedTest(name = "{0}: blender {1}, mixer {2}")
    @CsvSource(delimiter = '|', value = {
        "heddle.io/client-service-account: blender | food/a:80 | own food/oven:80",
        "heddle.io/client-selector: tier=fast, heddle.io/client-service-account: mixer | own food/oven:80 | food/a:80",
        "heddle.io/client-selector: 'app in (blender,mixer),!legacy' | food/a:80 | food/a:80",
        "heddle.io/client-selector: 'app notin (blender)' | own food/oven:80 | food/a:80",
        "heddle.io/client-selector: 'app!=mixer' | food/a:80 | own food/oven:80",
        "heddle.io/client-selector: tier | food/a:80 | food/a:80",
    })
    void bothAnnotationsMustHold(String annotations, String blender, String mixer) {
        TestMesh mesh = TestMesh.of(SERVICES, CLIENTS, consumer("r", annotations, "a", "1s"));
        assertThat(mesh.send("shop/blender", "food/oven", 80, "/")).isEqualTo(blender);
        assertThat(mesh.send("shop/mixer", "food/oven", 80, "/")).isEqualTo(mixer);
    }

    /** A selected producer route concerns clients of every namespace. */
    @Test void aSelectedProducerRouteCrossesNamespaces() {
        TestMesh mesh = TestMesh.of(SERVICES, CLIENTS, producer("r", "heddle.io/client-selector: app=blender", "c"));
        assertThat(mesh.send("shop/blender", "food/oven", 80, "/")).isEqualTo("food/c:80");
        assertThat(mesh.send("food/cook", "food/oven", 80, "/")).isEqualTo("food/c:80");
        assertThat(mesh.send("shop/mixer", "food/oven", 80, "/")).isEqualTo("own food/oven:80");
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("own food/oven:80");
    }

    @ParameterizedTest(name = "selector {0}")
    @CsvSource(delimiter = '|', value = {"a=b=", "app in blender", "=x", "'app=blender,,'", "''"})
    void aBadSelectorIsUnsupported(String selector) {
        TestMesh mesh = TestMesh.of(SERVICES, CLIENTS, consumer("r", "heddle.io/client-selector: '" + selector + "'", "a", "1s"));
        assertThat(mesh.condition("HTTPRoute shop/r", "Accepted")).isEqualTo("False UnsupportedValue");
        assertThat(mesh.message("HTTPRoute shop/r", "Accepted")).contains("heddle.io/client-selector");
        assertThat(mesh.send("shop/blender", "food/oven", 80, "/")).isEqualTo("own food/oven:80");
    }

    /** A vendor's identity provider may name clients that no Workload describes. */
    @Test void aClientWithoutAWorkloadIsChosenForWhenItComes() {
        TestMesh mesh = TestMesh.of(SERVICES, consumer("r", "heddle.io/client-selector: app=blender", "a", "1s"));
        var stranger = new heddle.api.identity.Client.Known("shop", "s", "", java.util.Map.of("app", "blender"));
        assertThat(mesh.send(stranger, "food/oven", 80, "/")).isEqualTo("food/a:80");
    }

    @Test void aClientWhoseLabelsChangeGetsItsNewSet() {
        String route = consumer("r", "heddle.io/client-selector: app=blender", "a", "1s");
        TestMesh mesh = TestMesh.of(SERVICES, workload("shop/w", "w", "app: blender", "10.9.0.1"), route);
        assertThat(mesh.send("shop/w", "food/oven", 80, "/")).isEqualTo("food/a:80");
        mesh.apply(SERVICES, workload("shop/w", "w", "app: other", "10.9.0.1"), route);
        assertThat(mesh.send("shop/w", "food/oven", 80, "/")).isEqualTo("own food/oven:80");
    }
}
