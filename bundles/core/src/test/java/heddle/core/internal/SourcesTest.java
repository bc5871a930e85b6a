package heddle.core.internal;

import static heddle.core.internal.TestMesh.route;
import static heddle.core.internal.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.model.MeshObject;
import heddle.api.source.ObjectStatus;
import heddle.api.source.Registration;
import heddle.api.source.RouteSource;
import heddle.api.source.SourceObserver;
import heddle.api.source.SourceState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** SPEC.md, further decisions: the same object from two sources; status goes to the object's own source. */
class SourcesTest {
    private static final String SERVICES = service("food/oven", "10.0.0.1") + service("food/a", "10.0.0.2") + service("food/b", "10.0.0.3");

    /** Keeps what is reported to it. */
    private record Listening(List<ObjectStatus> reported) implements RouteSource {
        @Override public String id() {
            return "listening";
        }

        @Override public Registration subscribe(SourceObserver observer) {
            return () -> {};
        }

        @Override public void report(Collection<ObjectStatus> changed) {
            reported.addAll(changed);
        }
    }

    @Test void theBetterSourcesCopyIsInForceAndTheOtherIsShadowed() {
        TestMesh mesh = new TestMesh();
        GivenState better = GivenState.of(route("food/r", "name: oven", "/", "{name: a, port: 80}"));
        GivenState other = GivenState.of(SERVICES, route("food/r", "name: oven", "/", "{name: b, port: 80}"));
        mesh.apply(better, other);
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("food/a:80");
        assertThat(mesh.build.world().shadowed().values()).containsExactly(List.of("HTTPRoute food/r"));
        mesh.apply(GivenState.of(""), other);
        assertThat(mesh.send("", "food/oven", 80, "/")).isEqualTo("food/b:80");
    }

    @Test void aStaleSourcesLastStateStaysInForce() {
        SourceFeed feed = new SourceFeed(new TestMesh.SilentSource("s"), () -> {});
        feed.onState(GivenState.of(SERVICES));
        feed.onStale("gone");
        assertThat(ObjectStore.merge(List.of(feed)).services()).hasSize(3);
        assertThat(feed.stale()).isEqualTo("gone");
        feed.onState(GivenState.of(SERVICES));
        assertThat(feed.stale()).isEmpty();
    }

    /** Of a vendor's source: else no build of anybody's objects would succeed. */
    @Test void aStateThatCannotBeReadIsPassedOver() {
        SourceFeed feed = new SourceFeed(new TestMesh.SilentSource("s"), () -> {});
        feed.onState(GivenState.of(SERVICES));
        feed.onState(giving(() -> {
            throw new IllegalStateException("on purpose");
        }));
        assertThat(ObjectStore.merge(List.of(feed)).services()).hasSize(3);
        assertThat(feed.stale()).isEqualTo("its state cannot be read: java.lang.IllegalStateException: on purpose");
        feed.onState(giving(() -> Collections.singletonList(null)));
        assertThat(feed.stale()).isEqualTo("its state cannot be read: java.lang.NullPointerException");
        feed.onState(giving(() -> List.of("no object")));
        assertThat(feed.stale()).startsWith("its state cannot be read: java.lang.ClassCastException");
        assertThat(ObjectStore.merge(List.of(feed)).services()).hasSize(3);
        feed.onState(GivenState.of(SERVICES));
        assertThat(feed.stale()).isEmpty();
    }

    private static SourceState giving(Supplier<List<?>> objects) {
        return new SourceState() {
            @Override public long revision() {
                return 2;
            }

            @SuppressWarnings("unchecked")                          // as raw types let vendors do
            @Override public <T extends MeshObject> Collection<T> all(Class<T> kind) {
                return (Collection<T>) objects.get();
            }
        };
    }

    @Test void aStatusIsReportedToItsOwnSourceWhenItChanges() {
        List<ObjectStatus> reported = new ArrayList<>();
        SourceFeed feed = new SourceFeed(new TestMesh.SilentSource("s"), () -> {});
        SourceFeed listening = new SourceFeed(new Listening(reported), () -> {});
        feed.onState(GivenState.of(SERVICES));
        TestMesh mesh = new TestMesh();
        StatusReports reports = new StatusReports();
        String route = route("food/r", "name: oven", "/", "{name: a, port: 80}").replace("name: r\n", "name: r\n  generation: 3\n");

        listening.onState(GivenState.of(route));
        reports.report(mesh.builder.build(List.of(feed, listening), Settings.DEFAULT));
        assertThat(reported).hasSize(1);
        assertThat(reported.getFirst().parents().getFirst().conditions()).allMatch(condition -> condition.observedGeneration() == 3);

        reported.clear();
        reports.report(mesh.builder.build(List.of(feed, listening), Settings.DEFAULT));
        assertThat(reported).isEmpty();

        listening.onState(GivenState.of(route.replace("name: oven", "name: nix")));
        reports.report(mesh.builder.build(List.of(feed, listening), Settings.DEFAULT));
        assertThat(reported).singleElement().satisfies(status -> assertThat(status.parents()).isEmpty());
    }

    /** S8: an entry an ancestor, which in a mesh is the Service; only what changed, and an empty one when no target of it is a Service any more. */
    @Test void aPolicysStatusIsReportedToItsOwnSource() {
        List<ObjectStatus> reported = new ArrayList<>();
        SourceFeed listening = new SourceFeed(new Listening(reported), () -> {});
        TestMesh mesh = new TestMesh();
        StatusReports reports = new StatusReports();
        String policy = """
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: BackendTLSPolicy
                metadata: {name: p, namespace: food, generation: 4}
                spec:
                  targetRefs: [{group: "", kind: Service, name: a}, {group: gateway.networking.k8s.io, kind: Gateway, name: g}]
                  validation: {hostname: a.example, wellKnownCACertificates: System}
                """;
        listening.onState(GivenState.of(SERVICES, policy));
        reports.report(mesh.builder.build(List.of(listening), Settings.DEFAULT));
        assertThat(reported).singleElement().satisfies(status -> assertThat(status.parents()).singleElement().satisfies(entry -> {
            assertThat(entry.ref()).hasToString("ParentRef[group=, kind=Service, namespace=Optional[food], name=a, sectionName=Optional.empty, port=OptionalInt.empty]");
            assertThat(entry.conditions()).extracting(condition -> condition.type() + "=" + condition.status() + " " + condition.observedGeneration())
                    .containsExactly("Accepted=True 4", "ResolvedRefs=True 4");
        }));
        reported.clear();
        reports.report(mesh.builder.build(List.of(listening), Settings.DEFAULT));
        assertThat(reported).isEmpty();
        listening.onState(GivenState.of(SERVICES, policy.replace("{group: \"\", kind: Service, name: a}, ", "")));
        reports.report(mesh.builder.build(List.of(listening), Settings.DEFAULT));
        assertThat(reported).singleElement().satisfies(status -> assertThat(status.parents()).isEmpty());
    }
}
