package heddle.core.internal;

import static heddle.core.internal.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.admin.MeshInspector.Published;
import heddle.api.source.Registration;
import heddle.api.source.RouteSource;
import heddle.api.source.SourceObserver;
import heddle.match.internal.TrieRouteCompiler;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Half a world would tear down what a daemon before this one left working in the kernel. */
@Timeout(60)
class FirstSnapshotTest {
    private final MeshCore core = new MeshCore();
    private final FakeSteering steering = new FakeSteering("fake", new java.util.concurrent.CopyOnWriteArrayList<>());
    private final FakeForwarder forwarder = new FakeForwarder("one", new java.util.concurrent.CopyOnWriteArrayList<>());
    private final BlockingQueue<Published> published = new LinkedBlockingQueue<>();

    private record Given(String id, GivenState state) implements RouteSource {
        @Override public Registration subscribe(SourceObserver observer) {
            observer.onState(state);
            return () -> {};
        }
    }

    @AfterEach void stop() {
        forwarder.drained.complete(null);
        core.stop();
    }

    /** A source that cannot reach its server says that it is stale: another daemon that works here knows more than this one. */
    @Test void whereAnotherDaemonMayBeWorkingAStaleSourceIsWaitedFor() throws InterruptedException {
        core.bindCompiler(new TrieRouteCompiler(), Map.of());
        core.bindForwarder(forwarder, Map.of());
        core.bindSteering(steering, Map.of());
        core.onPublished(published::add);
        core.start(HotSwapTest.settings("100ms", true, false));
        SourceObserver[] kube = new SourceObserver[1];
        core.bindSource(new RouteSource() {
            @Override public String id() {
                return "kube";
            }

            @Override public Registration subscribe(SourceObserver observer) {
                kube[0] = observer;
                observer.onStale("no answer");
                return () -> {};
            }
        }, Map.of());
        core.bindSource(new Given("file", GivenState.of("")), Map.of());
        assertThat(published.poll(300, TimeUnit.MILLISECONDS)).isNull();
        assertThat(steering.plans).isEmpty();

        kube[0].onState(GivenState.of(service("food/oven", "10.0.0.1")));
        assertThat(published.poll(30, TimeUnit.SECONDS)).extracting(Published::frontends).isEqualTo(1);
        assertThat(steering.plans.getFirst().frontends()).hasSize(1);
    }

    /** Its bundle starts last: a snapshot of the files alone would take away from the kernel what the daemon before this one left at work in it. */
    @Test void onKubernetesTheFirstSnapshotWaitsForItsSourceToCome() throws InterruptedException {
        core.bindCompiler(new TrieRouteCompiler(), Map.of());
        core.bindForwarder(forwarder, Map.of());
        core.bindSteering(steering, Map.of());
        core.onPublished(published::add);
        core.start(HotSwapTest.settings("100ms", true, true));
        core.bindSource(new Given("file", GivenState.of("")), Map.of());
        assertThat(published.poll(300, TimeUnit.MILLISECONDS)).isNull();
        assertThat(steering.plans).isEmpty();

        core.bindSource(new Given("kube", GivenState.of(service("food/oven", "10.0.0.1"))), Map.of());
        assertThat(published.poll(30, TimeUnit.SECONDS)).extracting(Published::frontends).isEqualTo(1);
        assertThat(steering.plans.getFirst().frontends()).hasSize(1);
    }

    @Test void aSourceThatCompletesAnotherDoesNotMakeAWorldAlone() throws InterruptedException {
        core.bindCompiler(new TrieRouteCompiler(), Map.of());
        core.bindForwarder(forwarder, Map.of());
        core.bindSteering(steering, Map.of());
        core.onPublished(published::add);
        Given exec = new Given("exec", GivenState.of(""));
        Given file = new Given("file", GivenState.of(service("food/oven", "10.0.0.1")));
        core.start(HotSwapTest.settings("100ms"));       // from here on the world is waited for 10 s only
        core.bindSource(exec, Map.of("completes", "file"));
        assertThat(published.poll(300, TimeUnit.MILLISECONDS)).isNull();
        assertThat(steering.plans).isEmpty();
        assertThat(core.status().ready()).isFalse();

        core.bindSource(file, Map.of());
        assertThat(published.poll(30, TimeUnit.SECONDS)).extracting(Published::frontends).isEqualTo(1);
        assertThat(steering.plans.getFirst().frontends()).hasSize(1);
        assertThat(core.status().notReady()).noneMatch(sentence -> sentence.contains("in force yet"));
        assertThat(List.copyOf(steering.plans)).hasSize(1);
    }
}
