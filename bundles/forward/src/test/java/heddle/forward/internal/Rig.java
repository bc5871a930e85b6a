package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.plan.ClientPlan;
import heddle.api.source.Registration;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/** A forwarder with one place and a stub mesh. */
final class Rig implements AutoCloseable {
    final StubPlace place = new StubPlace();
    final StubMesh mesh;
    final NettyForwarder forwarder;
    final Registration serving;
    RecordingBackend backend;

    Rig() throws Exception {
        this(ClientPlan.Expect.HTTP, TestSettings.of(1));
    }

    Rig(ClientPlan.Expect expect, Settings settings) throws Exception {
        mesh = new StubMesh(expect);
        forwarder = new NettyForwarder(settings);
        serving = forwarder.serve(place, mesh);
    }

    void backend(RecordingBackend started) {
        backend = started;
        mesh.target.endpoints(started.address());
    }

    RawClient client() throws Exception {
        return new RawClient(place.address);
    }

    InetSocketAddress address() {
        return place.address;
    }

    /** Waits for the recorder's reports. */
    void awaitEnds(String... expected) throws Exception {
        await(() -> mesh.ends.size() >= expected.length);
        assertThat(mesh.ends).isEqualTo(List.of(expected));
        assertThat(mesh.rule.leases).hasValue(0);
    }

    interface Condition {
        boolean holds();
    }

    static void await(Condition condition) throws Exception {
        long due = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > due) throw new AssertionError("waited in vain");
            Thread.sleep(2);
        }
    }

    @Override public void close() throws Exception {
        serving.close();
        forwarder.deactivate();
        place.close();
        if (backend != null) backend.close();
    }
}
