package heddle.forward.internal;

import heddle.api.identity.Client;
import heddle.api.match.RequestHead;
import heddle.api.plan.BackendPlan;
import heddle.api.plan.Split;
import heddle.api.policy.Endpoint;
import heddle.api.policy.Outcome;
import heddle.api.policy.PickContext;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A connection that is not HTTP, or not to be looked into: one backend for its whole life. The share of an invalid or empty backend is
 *  reset (SPEC.md B8). */
final class OpaqueRelay {
    private OpaqueRelay() {}

    /** @param ahead what the client has sent already; given away */
    static void start(ClientConnection connection, Split split, @Nullable ByteBuf ahead) {
        Loop loop = connection.loop;
        loop.counters.relays++;
        connection.speaker(() -> { });
        BackendPlan backend = split.next();
        List<Endpoint> ready = backend.failure().isNone() ? backend.ready() : List.of();
        if (ready.isEmpty()) {
            if (ahead != null) ahead.release();
            connection.reset();
            return;
        }
        Endpoint endpoint = Faults.pick(backend, new Pick(ready, connection));
        if (endpoint == null) {
            if (ahead != null) ahead.release();
            connection.reset();
            return;
        }
        HeldBytes held = HeldBytes.of(connection, ahead);
        long start = System.nanoTime();
        loop.counters.upstreamConnects++;
        Dial.to(loop, loop.ownNamespace(connection.place) ? null : connection.place, endpoint.address(), new Dial.Outcome() {
            @Override public void connected(Channel channel) {
                channel.closeFuture().addListener(closed ->
                        Faults.tellEnd(backend, endpoint, true, Outcome.COMPLETED, 0, System.nanoTime() - start));
                Relay.join(connection, channel, held.take(), null);
            }

            @Override public void failed(Throwable cause) {
                loop.counters.upstreamConnectFailures++;
                Faults.tellEnd(backend, endpoint, true, Outcome.CONNECT_FAILED, 0, System.nanoTime() - start);
                ByteBuf unsent = held.take();
                if (unsent != null) unsent.release();
                connection.reset();
            }
        });
    }

    private record Pick(List<Endpoint> ready, ClientConnection connection) implements PickContext {
        @Override public Client client() {
            return connection.client;
        }

        @Override public String source() {
            return connection.origin.source().getAddress().getHostAddress();
        }

        @Override public Optional<RequestHead> head() {
            return Optional.empty();
        }

        @Override public List<Endpoint> tried() {
            return List.of();
        }
    }
}
