package heddle.forward.internal;

import static java.lang.System.Logger.Level.WARNING;

import heddle.api.identity.Client;
import heddle.api.plan.ClientPlan;
import heddle.api.plan.FrontendPlan;
import heddle.api.plan.MeshView;
import heddle.api.plan.RequestLog;
import heddle.api.steer.Origin;
import heddle.api.steer.Place;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One accepted connection: where it wanted to go, who made it, and the plan for it, which it keeps until the mesh's generation
 *  changes. Its event loop only. */
final class ClientConnection {
    private static final System.Logger LOG = System.getLogger("heddle.forward");

    /** What speaks on the connection now. */
    interface Speaker {
        /** Ends the connection as soon as that costs nothing. */
        void drain();

        /** Whether an answer is owed that has not begun, or a last request may come: an end now would be a failed request. */
        default boolean owes() {
            return false;
        }

        /** Shows the exchanges that are under way; a visit may end them. */
        default void exchanges(Consumer<HttpExchange> visit) {}
    }

    final Loop loop;
    final EpollSocketChannel channel;
    final Place place;
    final Origin origin;
    final Client client;
    /** Null: nothing is limited. */
    final @Nullable Tenant tenant;
    private final MeshView view;
    private long generation;
    private @Nullable ClientPlan plan;
    private RequestLog log = RequestLog.OFF;
    private @Nullable Speaker speaker;

    private ClientConnection(Loop loop, EpollSocketChannel channel, Place place, MeshView view, Origin origin, Client client) {
        this.loop = loop;
        this.channel = channel;
        this.place = place;
        this.view = view;
        this.origin = origin;
        this.client = client;
        this.tenant = loop.tenants.of(client);
    }

    /** Takes over an accepted channel that is not registered yet; on {@code loop}. */
    static void accept(Loop loop, EpollSocketChannel channel, Place place, MeshView view) {
        channel.config().setAutoRead(false);
        channel.config().setAllowHalfClosure(true);
        loop.tune(channel);
        loop.executor.register(channel);
        loop.counters.accepted++;
        try {
            Origin origin = place.origin(new AcceptedSocket(channel));
            if (origin == Origin.NONE) {
                loop.counters.noOrigin++;
                channel.close();
                return;
            }
            ClientConnection connection = new ClientConnection(loop, channel, place, view, origin, view.identity().identify(origin));
            connection.refresh();
            connection.start();
        } catch (RuntimeException | Error e) {
            LOG.log(WARNING, "connection closed: its origin or plan could not be had", e);
            channel.close();
        }
    }

    private void refresh() {
        generation = view.generation();
        Optional<FrontendPlan> frontend = view.frontend(origin.destination());
        plan = frontend.isPresent() ? frontend.get().forClient(client) : null;
        log = frontend.isPresent() ? frontend.get().log() : RequestLog.OFF;
    }

    /** Where the requests of {@link #plan} are remembered. */
    RequestLog log() {
        return log;
    }

    /** The plan in force; null when the Service port is gone. */
    @Nullable ClientPlan plan() {
        if (view.generation() != generation) refresh();
        return plan;
    }

    private void start() {
        ClientPlan now = plan;
        if (now == null) {
            loop.counters.noService++;
            Channels.reset(channel);
            return;
        }
        Tenant of = tenant;
        if (of != null && !of.take(loop.index, Tenant.Kind.CONNECTIONS, 1, loop.tenants.quota().connections())) {
            loop.counters.quotaRefusals++;
            Channels.reset(channel);
            return;
        }
        loop.connections.add(this);
        loop.counters.connections++;
        channel.closeFuture().addListener(closed -> {
            if (of != null) of.give(loop.index, Tenant.Kind.CONNECTIONS, 1);
            if (loop.connections.remove(this)) loop.counters.connections--;
        });
        switch (now) {
            case ClientPlan.Http http -> speak(new ProtocolDetector(this, http));
            case ClientPlan.Relay relay -> OpaqueRelay.start(this, relay.split(), null);
            case ClientPlan.Tls tls -> speak(new ServerNamePeek(this, tls));
        }
    }

    /** Puts a handler in charge and starts reading. */
    <H extends ChannelHandler & Speaker> void speak(H handler) {
        speaker = handler;
        channel.pipeline().addLast(handler);
        channel.config().setAutoRead(true);
    }

    void speaker(Speaker now) {
        speaker = now;
    }

    void drain() {
        Speaker now = speaker;
        if (now != null) now.drain();
    }

    boolean owes() {
        Speaker now = speaker;
        return now != null && now.owes();
    }

    void exchanges(Consumer<HttpExchange> visit) {
        Speaker now = speaker;
        if (now != null) now.exchanges(visit);
    }

    void reset() {
        Channels.reset(channel);
    }

    Channel channel() {
        return channel;
    }
}
