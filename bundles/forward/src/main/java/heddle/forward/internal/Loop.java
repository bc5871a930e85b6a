package heddle.forward.internal;

import heddle.api.plan.BackendPlan;
import heddle.api.policy.Endpoint;
import heddle.api.steer.Place;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What belongs to one event loop: its pools, deadlines, counters and open connections. No other thread touches it, but for reading
 *  the counters. */
final class Loop {
    private static final WriteBufferWaterMark WATER = new WriteBufferWaterMark(64 * 1024, 256 * 1024);
    /** How long a draining connection that waits for a request may still get one, which is then answered with the word that it is the last:
     *  closed at once it would break the request that is on its way. */
    static final long LAST_REQUEST_NANOS = TimeUnit.SECONDS.toNanos(2);
    final int index;
    final EventLoop executor;
    /** Blocking work: sockets of other namespaces. */
    final Executor workers;
    /** Filters that do not run on the loop. */
    final Executor plugins;
    final Counters counters = new Counters();
    final Deadlines deadlines;
    final Deadlines slowDeadlines;
    final RequestIds random = new RequestIds();
    final byte[] hex = new byte[34];
    final Set<ClientConnection> connections = new HashSet<>();
    int idleUpstream;
    final Tenants tenants;
    private final Supplier<Settings> settings;
    private final Map<UpstreamPool.Key, UpstreamPool> pools = new HashMap<>();
    private volatile boolean draining;
    private boolean sweeping;

    Loop(int index, EventLoop executor, Executor workers, Executor plugins, Tenants tenants, Supplier<Settings> settings) {
        this.index = index;
        this.executor = executor;
        this.workers = workers;
        this.plugins = plugins;
        this.tenants = tenants;
        this.settings = settings;
        deadlines = new Deadlines(executor, TimeUnit.MILLISECONDS.toNanos(10), 1024);
        slowDeadlines = new Deadlines(executor, TimeUnit.MILLISECONDS.toNanos(250), 512);
    }

    Settings settings() {
        return settings.get();
    }

    boolean draining() {
        return draining;
    }

    /** @param overNanos in which the connections of now are told one after the other that they end; new ones at once */
    void startDraining(long overNanos) {
        oneByOne(new ArrayDeque<>(connections), overNanos, ClientConnection::drain, () -> {
            draining = true;
            for (ClientConnection connection : Set.copyOf(connections)) connection.drain();       // those that came meanwhile
            pools.values().forEach(pool -> pool.sweep(System.nanoTime() + 1));
        });
    }

    /** @param owing     also those that owe an answer which has not begun
     *  @param overNanos in which they are reset one after the other: their clients come back, and all at once they would hold up the rest */
    void resetOpen(boolean owing, long overNanos) {
        oneByOne(new ArrayDeque<>(connections), overNanos, connection -> {
            if (!connections.contains(connection) || !owing && connection.owes()) return;
            counters.drainResets++;
            connection.reset();
        }, () -> { });
    }

    private void oneByOne(ArrayDeque<ClientConnection> left, long overNanos, Consumer<ClientConnection> each, Runnable then) {
        nextOf(left, left.size(), System.nanoTime(), overNanos, each, then);
    }

    private void nextOf(ArrayDeque<ClientConnection> left, int all, long start, long overNanos, Consumer<ClientConnection> each, Runnable then) {
        long passed = System.nanoTime() - start;
        long later = passed >= overNanos ? 0 : all - all * passed / overNanos;
        while (left.size() > later) each.accept(left.poll());
        if (left.isEmpty()) then.run();
        else executor.schedule(() -> nextOf(left, all, start, overNanos, each, then), 10, TimeUnit.MILLISECONDS);
    }

    UpstreamPool pool(Place place, BackendPlan backend, Endpoint endpoint) {
        return pool(place, backend, endpoint, backend.protocol() == BackendPlan.Protocol.H2C);
    }

    UpstreamPool pool(Place place, BackendPlan backend, Endpoint endpoint, boolean http2) {
        UpstreamPool.Key key = new UpstreamPool.Key(ownNamespace(place) ? "" : place.id(), endpoint.address(), http2, backend.tls());
        UpstreamPool pool = pools.get(key);
        if (pool == null || !key.place().isEmpty() && pool.place() != place) {      // the kernel gives the numbers of namespaces out again
            if (pool != null) pool.retire();
            pool = new UpstreamPool(this, key, place);
            pools.put(key, pool);
            sweepLater();
        }
        return pool;
    }

    /** Kept connections would keep the place's network namespace alive. Those in use end with their exchange. */
    void leave(Place place) {
        pools.values().removeIf(pool -> {
            if (pool.place() != place || pool.ownNamespace()) return false;
            pool.retire();
            return true;
        });
    }

    /** Whether connections for clients of this place are made in the daemon's own network namespace. */
    boolean ownNamespace(Place place) {
        return place.local() || !settings().podUpstream();
    }

    private void sweepLater() {
        if (sweeping) return;
        sweeping = true;
        executor.schedule(() -> {
            sweeping = false;
            long since = System.nanoTime() - settings().upstreamIdleNanos();
            pools.values().removeIf(pool -> pool.sweep(since));
            if (!pools.isEmpty()) sweepLater();
        }, Math.max(100_000_000L, settings().upstreamIdleNanos() / 8), TimeUnit.NANOSECONDS);
    }

    /** Options of every connection. */
    void tune(Channel channel) {
        channel.config().setOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER);
    }

    /** Shows every exchange that is under way; a visit may end it. */
    void exchanges(Consumer<HttpExchange> visit) {
        for (ClientConnection connection : Set.copyOf(connections)) connection.exchanges(visit);
    }

    void close() {
        for (ClientConnection connection : Set.copyOf(connections)) connection.reset();
        pools.values().forEach(pool -> pool.sweep(System.nanoTime() + 1));
        pools.clear();
        deadlines.stop();
        slowDeadlines.stop();
    }
}
