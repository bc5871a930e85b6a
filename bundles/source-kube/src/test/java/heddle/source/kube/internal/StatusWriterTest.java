package heddle.source.kube.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.model.ObjectKey;
import heddle.api.model.ParentRef;
import heddle.api.source.Condition;
import heddle.api.source.ObjectStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Status writes over real HTTP: who writes, how often, and what happens in between. */
@Timeout(120)
class StatusWriterTest {
    private static final Resource ROUTES = Resource.all("").stream().filter(each -> each.kind().equals("HTTPRoute")).findFirst().orElseThrow();
    private static final ParentRef OVEN = new ParentRef("", "Service", Optional.empty(), "oven", Optional.empty(), OptionalInt.empty());

    @TempDir Path folder;
    private final AtomicBoolean leads = new AtomicBoolean(true);
    private final KubeMetrics metrics = new KubeMetrics(new NoMetrics());
    private final ObjectStore store = new ObjectStore(Samples::decode);
    private final AtomicLong inForce = new AtomicLong();
    private final Programmed programmed = new Programmed("heddle-node-me", inForce::get, NodeReport.LENGTH);
    private FakeApi server;
    private KubeApi api;
    private ApiGate gate;
    private StatusWriter writer;

    @BeforeEach void connect() throws Exception {
        server = new FakeApi();
        server.serve(Samples.ROUTES);
        api = KubeApi.connect(server.kubeconfig(folder).toString(), KubeApi.LIMIT, metrics);
        gate = new ApiGate(api, reason -> { }, () -> { });
        writer = new StatusWriter(api, gate, metrics, store::held, leads::get, programmed);
    }

    @AfterEach void close() throws Exception {
        writer.close();
        gate.stop();
        api.close();
        server.close();
    }

    @Test void oneWriteForEachRouteHoweverOftenItIsReported() throws Exception {
        IntStream.range(0, 200).forEach(each -> show("r" + each));
        for (int round = 0; round < 5; round++) {
            writer.report(IntStream.range(0, 200).mapToObj(each -> status("r" + each, "True", 1)).toList());
        }
        until(() -> IntStream.range(0, 200).allMatch(each -> accepted("r" + each).equals("True")));
        IntStream.range(0, 200).forEach(each -> showAgain("r" + each));
        writer.checkAll();
        show("last");
        writer.report(List.of(status("last", "True", 1)));
        until(() -> accepted("last").equals("True"));
        assertThat(writes()).isEqualTo(201);
        assertThat(server.requests).as("nothing is read").noneMatch(each -> each.startsWith("GET"));
    }

    @Test void aConflictIsResolvedOnWhatCameBetween() throws Exception {
        show("r");
        Map<String, Object> other = new java.util.LinkedHashMap<>(server.object(Samples.ROUTES, "shop/r"));
        other.put("status", Map.of("parents", List.of(Map.of("controllerName", "example.com/gateway", "parentRef", Map.of("name", "gw")))));
        server.put(Samples.ROUTES, other);   // and the watch has not told yet
        writer.report(List.of(status("r", "True", 1)));
        until(() -> writes() >= 1);   // it is tried again after a while
        showAgain("r");
        until(() -> accepted("r").equals("True"));
        assertThat(Fields.list(Fields.map(server.object(Samples.ROUTES, "shop/r"), "status"), "parents"))
                .extracting(each -> each.get("controllerName")).containsExactly("example.com/gateway", ParentStatus.CONTROLLER);
    }

    @Test void whoDoesNotLeadWritesNothingUntilItDoes() throws Exception {
        leads.set(false);
        show("r");
        writer.report(List.of(status("r", "True", 1)));
        Thread.sleep(100);   // there is nothing to wait for; a write would come within a few milliseconds
        assertThat(writes()).isZero();
        leads.set(true);
        writer.checkAll();
        until(() -> accepted("r").equals("True"));
    }

    /** The daemon whose place this one has taken gives the node's Lease up at its end: it has to be written again at once. */
    @Test void aLeaseOfThisNodeThatWasGivenUpIsToldOnce() {
        assertThat(programmed.changed(lease("me", 1, "1"))).isFalse();
        assertThat(programmed.ownGivenUp()).isFalse();
        Map<String, Object> left = new java.util.LinkedHashMap<>(lease("me", 1, "2"));
        left.put("spec", Map.of("holderIdentity", ""));
        programmed.changed(left);
        assertThat(programmed.ownGivenUp()).isTrue();
        assertThat(programmed.ownGivenUp()).isFalse();
    }

    /** heddle.io/Programmed: True when all nodes carry the generation; a node that comes later is no reason for a write. */
    @Test void programmedCountsTheNodesThatCarryTheGeneration() throws Exception {
        programmed.changed(lease("other", 1, "1"));
        show("r");
        long at = Long.parseLong(store.held(new ObjectKey("HTTPRoute", "shop", "r")).orElseThrow().specVersion());
        writer.report(List.of(status("r", "True", 1)));
        until(() -> message("r").equals("False generation 1 in force on 1 of 2 nodes"));
        showAgain("r");
        programmed.changed(lease("other", at, "2"));
        writer.checkAll();
        until(() -> message("r").equals("True generation 1 in force on 2 of 2 nodes"));
        showAgain("r");
        long writes = writes();
        programmed.changed(lease("third", at, "3"));
        writer.checkAll();
        show("last");
        writer.report(List.of(status("last", "True", 1)));
        until(() -> message("last").startsWith("False generation 1 in force on 1 of 3"));
        assertThat(writes()).isEqualTo(writes + 1);
    }

    /** A node that died says nothing: its Lease runs out, and the writer has to be woken for the routes that waited for it. */
    @Test void aNodeWhoseLeaseRanOutNoLongerCountsUntilItRenews() throws Exception {
        Programmed counted = new Programmed("heddle-node-me", () -> 5, Duration.ofSeconds(2));
        counted.changed(lease("dead", 1, "1"));
        assertThat(counted.condition(1, "5", true).status()).isEqualTo("False");
        counted.awaitLapse();
        assertThat(counted.condition(1, "5", true)).extracting(Condition::status, Condition::message).containsExactly("True", "generation 1 in force on 1 of 1 node");
        assertThat(counted.listed(List.of(lease("dead", 1, "1")))).as("a new list shows the same Lease").isFalse();
        assertThat(counted.nodes()).isEqualTo(1);
        assertThat(counted.changed(lease("dead", 1, "2"))).as("it lives again").isTrue();
        assertThat(counted.nodes()).isEqualTo(2);
    }

    /** One Lease that is renewed keeps nobody from noticing another one that is not; without any Lease there is nothing to wake for. */
    @Test void theWaitForALapseBeginsWithTheFirstLease() throws Exception {
        Programmed counted = new Programmed("heddle-node-me", () -> 5, Duration.ofMillis(20));
        Thread waiting = Thread.ofVirtual().start(() -> {
            try {
                counted.awaitLapse();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
        until(() -> waiting.getState() == Thread.State.WAITING);
        counted.changed(lease("dead", 1, "1"));
        waiting.join();
        assertThat(counted.nodes()).isEqualTo(1);
    }

    private static Map<String, Object> lease(String node, long inForce, String version) {
        return Map.of("metadata", Map.of("name", "heddle-node-" + node, "resourceVersion", version, "annotations",
                Map.of(NodeReport.IN_FORCE, Long.toString(inForce))), "spec", Map.of("holderIdentity", node));
    }

    private String message(String name) {
        return Fields.list(Fields.map(server.object(Samples.ROUTES, "shop/" + name), "status"), "parents").stream()
                .flatMap(each -> Fields.list(each, "conditions").stream()).filter(each -> Fields.text(each, "type").equals(Programmed.TYPE))
                .map(each -> Fields.text(each, "status") + " " + Fields.text(each, "message")).findFirst().orElse("");
    }

    @Test void anUnreachableServerIsTriedAgain() throws Exception {
        show("r");
        server.stop();
        writer.report(List.of(status("r", "True", 1)));
        server.restart();
        until(() -> accepted("r").equals("True"));
    }

    @Test void theLeaseHasOneHolderAndIsHandedOver() throws Exception {
        Leader first = leader("first");
        Leader second = leader("second");
        Thread one = Thread.ofVirtual().start(first);
        until(first::leads);
        Thread two = Thread.ofVirtual().start(second);
        until(() -> server.requests.stream().filter(each -> each.startsWith("GET") && each.endsWith("/leases/heddle")).count() > 6);
        assertThat(second.leads()).isFalse();
        one.interrupt();
        one.join();
        first.release();
        until(second::leads);
        assertThat(first.leads()).isFalse();
        two.interrupt();
        two.join();
    }

    @Test void theMeshIsMadeOnceAndItsStatusIsTrue() throws Exception {
        String path = "/apis/gateway.networking.x-k8s.io/v1alpha1/xmeshes";
        server.serve(path);
        MeshKeeper keeper = new MeshKeeper(api, "heddle", "1.2.3", "mesh");
        keeper.keep();
        assertThat(writes()).as("not before the list is known").isZero();
        keeper.seen(List.of());
        keeper.keep();
        keeper.changed(server.object(path, "/heddle"), false);
        keeper.keep();
        Map<String, Object> mesh = server.object(path, "/heddle");
        assertThat(Fields.map(mesh, "spec")).containsExactly(Map.entry("controllerName", ParentStatus.CONTROLLER));
        Map<String, Object> status = Fields.map(mesh, "status");
        assertThat(Fields.list(status, "conditions").getFirst()).containsEntry("message", "Heddle 1.2.3 in namespace mesh");
        assertThat(Fields.list(status, "supportedFeatures")).extracting(each -> (String) each.get("name")).isSorted().hasSizeBetween(1, 64);
        long writes = server.requests.size();
        keeper.changed(mesh, false);
        keeper.keep();
        assertThat(server.requests).hasSize((int) writes);
    }

    @Test void aMeshOfAnotherControllerIsLeftAlone() throws Exception {
        MeshKeeper keeper = new MeshKeeper(api, "heddle", "1.2.3", "mesh");
        keeper.seen(List.of(Map.of("metadata", Samples.meta("", "heddle", Map.of()), "spec", Map.of("controllerName", "example.com/mesh"))));
        keeper.keep();
        assertThat(server.requests).isEmpty();
    }

    private Leader leader(String identity) {
        return new Leader(api, gate, metrics, "mesh", "heddle", identity, Duration.ofMillis(40), () -> { });
    }

    private void show(String name) {
        server.put(Samples.ROUTES, Samples.route("shop", name, "oven"));
        showAgain(name);
    }

    private void showAgain(String name) {
        store.changed(ROUTES, "v1", server.object(Samples.ROUTES, "shop/" + name));
        writer.seen(new ObjectKey("HTTPRoute", "shop", name));
    }

    private static ObjectStatus status(String name, String accepted, long generation) {
        return new ObjectStatus(new ObjectKey("HTTPRoute", "shop", name),
                List.of(new ObjectStatus.Parent(OVEN, List.of(new Condition("Accepted", accepted, "Accepted", "", generation)))));
    }

    private String accepted(String name) {
        return Fields.list(Fields.map(server.object(Samples.ROUTES, "shop/" + name), "status"), "parents").stream()
                .filter(each -> Fields.text(each, "controllerName").equals(ParentStatus.CONTROLLER))
                .flatMap(each -> Fields.list(each, "conditions").stream()).map(each -> Fields.text(each, "status")).findFirst().orElse("");
    }

    private long writes() {
        return server.requests.stream().filter(each -> each.startsWith("PATCH") || each.startsWith("POST")).count();
    }

    private static void until(BooleanSupplier wanted) throws InterruptedException {
        while (!wanted.getAsBoolean()) {
            Thread.sleep(2);
        }
    }
}
