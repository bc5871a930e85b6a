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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** The same for datagrams: they never pass through the daemon. */
    @Test void udpRoutesAreBalancedInTheKernelByWeight() {
        String dns = service("food/dns", "10.0.0.8", "name: d, port: 53, protocol: UDP");
        String[] backends = {dns, udp("food/u1", "10.0.0.20", "10.1.1.1"), udp("food/u2", "10.0.0.21", "10.1.1.2")};
        String route = route("UDPRoute", "food/u", "", "name: dns", "- backendRefs: [{name: u1, port: 53, weight: 3}, {name: u2, port: 53, weight: 1}, {name: missing, port: 53, weight: 4}]")
                .replace("networking.k8s.io/v1\n", "networking.k8s.io/v1alpha2\n");
        SteeringPlan plan = plan(false, true, backends[0], backends[1], backends[2], route);
        assertThat(everybody(plan, "food/dns:53")).isEqualTo("BALANCE 10.1.1.1:5353*3 10.1.1.2:5353*1 none*4");
        assertThat(frontend(plan, "food/dns:53").transport()).isEqualTo(SteeringPlan.Transport.UDP);
    }

    private static String udp(String path, String address, String endpoint) {
        return service(path, address, "name: d, port: 53, protocol: UDP") + endpoints(path, "d", 5353, endpoint).replace("port: 5353}", "port: 5353, protocol: UDP}");
    }

    /** P2 and per-workload routes of kinds that the kernel carries: each client class has slots of its own, nobody is steered. */
    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"TCPRoute", "UDPRoute"})
    void consumersAndSelectedClientsHaveSlotsOfTheirOwn(String kind) {
        boolean datagrams = kind.equals("UDPRoute");
        String oven = datagrams ? udp("food/oven", "10.0.0.1", "10.1.0.1") : OVEN;
        String a = datagrams ? udp("food/a", "10.0.0.2", "10.1.1.1") : A;
        String b = datagrams ? udp("food/b", "10.0.0.3", "10.1.1.2") : B;
        int port = datagrams ? 53 : 80;
        String producer = stream(kind, "food/p", "", "name: oven", "{name: a, port: " + port + "}");
        String consumer = stream(kind, "shop/c", "", "namespace: food, name: oven", "{namespace: food, name: b, port: " + port + "}");
        String selected = stream(kind, "shop/s", "heddle.io/client-selector: app=two", "namespace: food, name: oven", "{namespace: food, name: missing, port: " + port + "}");
        SteeringPlan plan = plan(true, true, oven, a, b, CLIENTS, producer, consumer, selected);
        List<SteeringPlan.Handling> handlings = frontend(plan, "food/oven:" + port).handlings();
        assertThat(handlings).extracting(SteeringPlan.Handling::mode).doesNotContain(Mode.STEER);
        assertThat(classOf(plan, "cook")).isZero();
        assertThat(of(handlings, classOf(plan, "cook"))).isEqualTo("BALANCE " + slots(new SteeringPlan.Handling(0, Mode.BALANCE, slotsOf(plan, "food/a:" + port))));
        assertThat(of(handlings, classOf(plan, "one"))).isNotEqualTo(of(handlings, 0)).startsWith("BALANCE ");
        assertThat(of(handlings, classOf(plan, "two"))).isIn("REFUSE", "BALANCE none*1");
    }

    private static List<SteeringPlan.Slot> slotsOf(SteeringPlan plan, String service) {
        return frontend(plan, service).handlings().getFirst().slots();
    }

    private static String of(List<SteeringPlan.Handling> handlings, int clientClass) {
        return handlings.stream().filter(each -> each.clientClass() == clientClass).map(each -> (each.mode() + " " + slots(each)).strip()).findFirst().orElseThrow();
    }

    private static String stream(String kind, String path, String annotations, String parent, String backend) {
        return route(kind, path, annotations, parent, "- backendRefs: [" + backend + "]").replace("networking.k8s.io/v1\n", "networking.k8s.io/v1alpha2\n");
    }

    /** A changed backend is a new plan at once, with the same classes: what the steering then puts in force in one step. */
    @Test void anEditOfAKernelRouteChangesItsSlotsAndNoClass() {
        String before = stream("TCPRoute", "shop/c", "", "namespace: food, name: oven", "{namespace: food, name: a, port: 80}");
        TestMesh mesh = TestMesh.of(OVEN, A, B, CLIENTS, before);
        SteeringPlan first = plans.plan(mesh.build.snapshot(), true, true);
        mesh.apply(OVEN, A, B, CLIENTS, before.replace("name: a,", "name: b,"));
        SteeringPlan second = plans.plan(mesh.build.snapshot(), true, true);
        assertThat(classOf(second, "one")).isEqualTo(classOf(first, "one")).isPositive();
        assertThat(of(frontend(second, "food/oven:80").handlings(), classOf(second, "one")))
                .isEqualTo("BALANCE " + slots(new SteeringPlan.Handling(0, Mode.BALANCE, slotsOf(second, "food/b:80"))))
                .isNotEqualTo(of(frontend(first, "food/oven:80").handlings(), classOf(first, "one")));
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
