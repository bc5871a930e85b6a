package heddle.forward.internal;

import heddle.api.plan.UpstreamTls;
import heddle.api.steer.Place;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The connections of one event loop to one endpoint, made in one network namespace. Of HTTP/1.1 the last one given back is lent first;
 *  those of HTTP/2 are shared by many exchanges. Its event loop only. */
final class UpstreamPool {
    /** @param place id of the network namespace's place; "" = the daemon's own */
    record Key(String place, InetSocketAddress address, boolean http2, Optional<UpstreamTls> tls) {}

    /** Exchanges that wait for one new HTTP/2 connection. */
    private static final int DIAL_FOR = 100;

    private final Loop loop;
    private final Key key;
    private final Place place;
    private final ArrayDeque<Http1Upstream> idle = new ArrayDeque<>();
    private final List<Http2Upstream> shared = new ArrayList<>(2);
    private final ArrayDeque<UpstreamStream.Listener> waiting = new ArrayDeque<>();
    private int dialling;
    /** Connections of HTTP/1.1, those that are dialled included. */
    private int open;
    private boolean retired;

    UpstreamPool(Loop loop, Key key, Place place) {
        this.loop = loop;
        this.key = key;
        this.place = place;
    }

    /** The first one that it was made for. */
    Place place() {
        return place;
    }

    boolean ownNamespace() {
        return key.place.isEmpty();
    }

    boolean keeps() {
        return !retired && !loop.draining();
    }

    /** Keeps no connection from now on: idle ones are closed at once, others at the end of their exchanges. */
    void retire() {
        retired = true;
        sweep(System.nanoTime() + 1);
    }

    /** Connects a listener to a stream, at once or later; a stream that comes when it is no longer wanted is cancelled by the listener.
     *  @param fresh do not lend a kept connection */
    void acquire(UpstreamStream.Listener listener, boolean fresh) {
        if (key.http2) {
            acquireShared(listener, fresh);
            return;
        }
        while (!fresh) {
            Http1Upstream kept = idle.pollLast();
            if (kept == null) break;
            loop.idleUpstream--;
            if (!kept.usable()) continue;
            loop.counters.upstreamReused++;
            kept.lend(listener);
            return;
        }
        loop.counters.upstreamConnects++;
        open++;
        dial(new Dial.Outcome() {
            @Override public void connected(Channel channel) {
                opened(channel);
                Http1Upstream upstream = new Http1Upstream(loop, UpstreamPool.this, channel);
                channel.pipeline().addLast(upstream);
                upstream.lend(listener);
            }

            @Override public void failed(Throwable cause) {
                open--;
                loop.counters.upstreamConnectFailures++;
                listener.connectFailed(cause);
            }
        });
    }

    private void dial(Dial.Outcome outcome) {
        Place where = key.place.isEmpty() ? null : place;
        if (key.tls.isEmpty()) {
            Dial.to(loop, where, key.address, outcome);
            return;
        }
        Dial.to(loop, where, key.address, new Dial.Outcome() {
            @Override public void connected(Channel channel) {
                Secure.handshake(channel, key.tls.get(), key.http2, key.address, loop.settings().connectNanos(), outcome);
            }

            @Override public void failed(Throwable cause) {
                outcome.failed(cause);
            }
        });
    }

    private void acquireShared(UpstreamStream.Listener listener, boolean fresh) {
        if (!fresh) {
            for (int i = 0; i < shared.size(); i++) {
                Http2Upstream open = shared.get(i);
                if (!open.room()) continue;
                loop.counters.upstreamReused++;
                open.lend(listener);
                return;
            }
        }
        waiting.addLast(listener);
        if (waiting.size() > dialling * DIAL_FOR) dialShared();
    }

    private void dialShared() {
        dialling++;
        loop.counters.upstreamConnects++;
        dial(new Dial.Outcome() {
            @Override public void connected(Channel channel) {
                dialling--;
                Http2Upstream upstream = Http2Upstream.on(loop, UpstreamPool.this, channel, key.tls.isPresent());
                channel.pipeline().addLast(upstream);
                shared.addFirst(upstream);
                while (!waiting.isEmpty() && upstream.room()) upstream.lend(waiting.pollFirst());
                if (!waiting.isEmpty() && dialling == 0) dialShared();
            }

            @Override public void failed(Throwable cause) {
                dialling--;
                loop.counters.upstreamConnectFailures++;
                for (int n = dialling == 0 ? waiting.size() : Math.min(DIAL_FOR, waiting.size()); n > 0; n--) waiting.pollFirst().connectFailed(cause);
            }
        });
    }

    /** An HTTP/2 connection takes no more streams. */
    void gone(Http2Upstream upstream) {
        shared.remove(upstream);
    }

    /** A connection came to the end of an exchange and can carry another. */
    void release(Http1Upstream upstream) {
        if (!keeps() || idle.size() >= loop.settings().maxIdleUpstream()) {
            upstream.channel.close();
            return;
        }
        upstream.idleSince = System.nanoTime();
        idle.addLast(upstream);
        loop.idleUpstream++;
    }

    /** An idle connection has ended. */
    void gone(Http1Upstream upstream) {
        if (idle.remove(upstream)) loop.idleUpstream--;
    }

    /** Apart from the exchange that it was dialled for, which a listener made there would keep for as long as the connection lives. */
    private void opened(Channel channel) {
        channel.closeFuture().addListener(closed -> open--);
    }

    /** Closes what has been idle since before {@code sinceNanos}; true when nothing is left: no connection in use either, which would
     *  come back to a pool that nobody sweeps. */
    boolean sweep(long sinceNanos) {
        while (!idle.isEmpty() && idle.peekFirst().idleSince - sinceNanos < 0) {
            Http1Upstream old = idle.pollFirst();
            loop.idleUpstream--;
            old.channel.close();
        }
        for (Http2Upstream old : List.copyOf(shared)) {
            if (!old.idle() || old.idleSince - sinceNanos >= 0) continue;
            shared.remove(old);
            old.channel.close();
        }
        return open == 0 && shared.isEmpty() && waiting.isEmpty() && dialling == 0;
    }
}
