package heddle.core.internal;

import static heddle.core.internal.TestMesh.endpoints;
import static heddle.core.internal.TestMesh.route;
import static heddle.core.internal.TestMesh.service;
import static heddle.core.internal.TestMesh.workload;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.steer.SteeringPlan;
import heddle.api.steer.SteeringPlan.Mode;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** STEERING.md §3 and §4: who is steered, who is balanced, who is left alone. */
class SteeringPlansTest {
    private static final String OVEN = service("food/oven", "10.0.0.1") + endpoints("food/oven", "", 8080, "10.1.0.1", "10.1.0.2");
    private static final String A = service("food/a", "10.0.0.2") + endpoints("food/a", "", 8080, "10.1.0.3", "10.1.0.4", "10.1.0.5");
    private static final String B = service("food/b", "10.0.0.3") + endpoints("food/b", "", 8080, "10.1.0.6");
    private static final String CLIENTS = workload("shop/one", "s", "app: one", "10.9.0.1") + workload("shop/two", "s", "app: two", "10.9.0.2")
            + workload("food/cook", "s", "", "10.9.0.3");
    private static final String HTTP = route("food/r", "name: oven", "/", "{name: a, port: 80}");

    private final SteeringPlans plans = new SteeringPlans();

    private SteeringPlan plan(boolean balance, boolean daemon, String... manifests) {
        return plans.plan(TestMesh.of(manifests).build.snapshot(), balance, daemon);
    }

    private static SteeringPlan.Frontend frontend(SteeringPlan plan, String service) {
        return plan.frontends().stream().filter(each -> each.service().equals(service)).findFirst().orElseThrow();
    }

    private static String slots(SteeringPlan.Handling handling) {
        return handling.slots().stream().map(slot -> slot.endpoint().map(EndpointList::text).orElse("none") + "*" + slot.weight()).sorted().collect(Collectors.joining(" "));
    }

    private static String everybody(SteeringPlan plan, String service) {
        SteeringPlan.Handling handling = frontend(plan, service).handlings().getFirst();
        assertThat(handling.clientClass()).isZero();
        return (handling.mode() + " " + slots(handling)).strip();
    }

    @Test void withoutRoutesTheKernelBalancesWhereNobodyElseDoes() {
        assertThat(everybody(plan(true, true, OVEN), "food/oven:80")).isEqualTo("BALANCE 10.1.0.1:8080*1 10.1.0.2:8080*1");
        assertThat(everybody(plan(false, true, OVEN), "food/oven:80")).isEqualTo("PASS");
    }

    @Test void httpRoutesAreSteeredWithTheServicesOwnEndpointsAsFallback() {
        assertThat(everybody(plan(true, true, OVEN, A, HTTP), "food/oven:80")).isEqualTo("STEER 10.1.0.1:8080*1 10.1.0.2:8080*1");
        assertThat(everybody(plan(false, true, OVEN, A, HTTP), "food/oven:80")).isEqualTo("STEER");
        assertThat(everybody(plan(true, true, OVEN, A, HTTP), "food/a:80")).startsWith("BALANCE");
    }

    @Test void withoutForwarderEveryFrontendGoesItsWhenDownWay() {
        String closed = OVEN.replace("namespace: food}", "namespace: food, annotations: {heddle.io/when-down: closed}}");
        assertThat(everybody(plan(true, false, OVEN, A, HTTP), "food/oven:80")).startsWith("BALANCE 10.1.0.1");
        assertThat(everybody(plan(false, false, OVEN, A, HTTP), "food/oven:80")).isEqualTo("PASS");
        assertThat(everybody(plan(true, false, closed, A, HTTP), "food/oven:80")).isEqualTo("REFUSE");
        assertThat(frontend(plan(true, true, closed, A, HTTP), "food/oven:80").failClosed()).isTrue();
    }

    /** B1, B8: weights 1:2 over 3 and 1 endpoints; an invalid share is refused. */
    @Test void tcpRoutesAreBalancedInTheKernelByWeight() {
        String tcp = route("TCPRoute", "food/t", "", "name: oven", "- backendRefs: [{name: a, port: 80, weight: 1}, {name: b, port: 80, weight: 2}, {name: missing, port: 80, weight: 1}]")
                .replace("networking.k8s.io/v1\n", "networking.k8s.io/v1alpha2\n");
        assertThat(everybody(plan(false, true, OVEN, A, B, tcp), "food/oven:80"))
                .isEqualTo("BALANCE 10.1.0.3:8080*1 10.1.0.4:8080*1 10.1.0.5:8080*1 10.1.0.6:8080*6 none*3");
    }

    @Test void aServiceWithoutEndpointsRefuses() {
        assertThat(everybody(plan(true, true, service("food/oven", "10.0.0.1")), "food/oven:80")).isEqualTo("REFUSE");
    }

    @Test void aDualStackServiceIsOneFrontendAFamily() {
        String dual = service("food/oven", "10.0.0.1").replace("clusterIP: 10.0.0.1", "clusterIP: 10.0.0.1\n  clusterIPs: [10.0.0.1, \"fd00::1\"]\n  ipFamilies: [IPv4, IPv6]\n  ipFamilyPolicy: RequireDualStack");
        String v6 = endpoints("food/oven", "", 8080, "\"fd00:1::1\"").replace("IPv4", "IPv6").replace("name: oven-x", "name: oven-v6").replace("name: oven-", "name: oven-6-");
        SteeringPlan plan = plan(true, true, dual, endpoints("food/oven", "", 8080, "10.1.0.1"), v6);
        assertThat(plan.frontends()).extracting(each -> each.addresses().getFirst().getHostAddress() + " " + slots(each.handlings().getFirst()))
                .containsExactly("10.0.0.1 10.1.0.1:8080*1", "fd00:0:0:0:0:0:0:1 [fd00:1:0:0:0:0:0:1]:8080*1");
    }

    @Test void onlyClientsThatAConsumerRouteConcernsAreSteered() {
        String consumer = route("shop/r", "namespace: food, name: oven", "/", "{namespace: food, name: a, port: 80}");
        SteeringPlan plan = plan(true, true, OVEN, A, CLIENTS, consumer);
        List<SteeringPlan.Handling> handlings = frontend(plan, "food/oven:80").handlings();
        assertThat(handlings).extracting(SteeringPlan.Handling::clientClass, SteeringPlan.Handling::mode)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(0, Mode.BALANCE), org.assertj.core.groups.Tuple.tuple(1, Mode.STEER));
        assertThat(plan.workloads()).extracting(member -> member.namespace() + "/" + member.name() + " " + member.clientClass())
                .containsExactlyInAnyOrder("shop/one 1", "shop/two 1", "food/cook 0");
    }

    /** One number for each set that must be told apart where the kernel chooses, so none where all are steered. */
    @Test void whereEverybodyIsSteeredNobodyNeedsAClass() {
        String consumer = route("shop/r", "namespace: food, name: oven", "/", "{namespace: food, name: a, port: 80}");
        assertThat(plan(true, true, OVEN, A, CLIENTS, HTTP, consumer).workloads()).allMatch(member -> member.clientClass() == 0);
    }

    @Test void aClassKeepsItsNumberWhenAnotherComes() {
        String one = selected("one");
        String two = selected("two");
        TestMesh mesh = TestMesh.of(OVEN, A, B, CLIENTS, two);
        SteeringPlan before = plans.plan(mesh.build.snapshot(), true, true);
        assertThat(classOf(before, "two")).isEqualTo(1);
        mesh.apply(OVEN, A, B, CLIENTS, one.replace("name: oven,", "name: b,"), two);
        SteeringPlan after = plans.plan(mesh.build.snapshot(), true, true);
        assertThat(classOf(after, "two")).isEqualTo(1);
        assertThat(classOf(after, "one")).isEqualTo(2);
    }

    private static int classOf(SteeringPlan plan, String name) {
        return plan.workloads().stream().filter(member -> member.name().equals(name)).findFirst().orElseThrow().clientClass();
    }

    private static String selected(String app) {
        return route("HTTPRoute", "shop/" + app, "heddle.io/client-selector: app=" + app, "namespace: food, name: " + (app.equals("one") ? "b" : "oven"),
                "- backendRefs: [{namespace: food, name: a, port: 80}]");
    }
}
