package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.plan.ClientPlan;
import heddle.api.source.Registration;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;

/** A forwarder with one place and a stub mesh. */
final class Rig implements AutoCloseable {
    final StubPlace place = new StubPlace();
    final StubMesh mesh;
    final NettyForwarder forwarder;
    final Registration serving;
    RecordingBackend backend;
    private final Socket bound = new Socket();

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

    /** An address that refuses: bound, so that nobody else can get the port meanwhile, and not listened on. */
    InetSocketAddress refusing() throws Exception {
        bound.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
        return (InetSocketAddress) bound.getLocalSocketAddress();
    }

    InetSocketAddress address() {
        return place.address;
    }

    /** Waits for the recorder's reports. */
    void awaitEnds(String... expected) throws Exception {
        await(() -> mesh.ends.size() >= expected.length);
        assertThat(mesh.ends).isEqualTo(List.of(expected));
        await(() -> mesh.rule.leases.get() == 0);                           // given back after the report
    }

    interface Condition {
        boolean holds();
    }

    static void await(Condition condition) throws Exception {
        long due = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > due) throw new AssertionError("waited in vain");
            Thread.sleep(2);
        }
    }

    @Override public void close() throws Exception {
        serving.close();
        forwarder.deactivate();
        place.close();
        bound.close();
        if (backend != null) backend.close();
    }
}
