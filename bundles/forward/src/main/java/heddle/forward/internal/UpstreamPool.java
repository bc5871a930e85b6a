package heddle.forward.internal;

import heddle.api.plan.UpstreamTls;
import heddle.api.steer.Place;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Optional;

/** The HTTP/1.1 connections of one event loop to one endpoint, made in one network namespace. The last one given back is lent first.
 *  Its event loop only. */
final class UpstreamPool {
    /** @param place id of the network namespace's place; "" = the daemon's own */
    record Key(String place, InetSocketAddress address, boolean http2, Optional<UpstreamTls> tls) {}

    private final Loop loop;
    private final Key key;
    private final Place place;
    private final ArrayDeque<Http1Upstream> idle = new ArrayDeque<>();

    UpstreamPool(Loop loop, Key key, Place place) {
        this.loop = loop;
        this.key = key;
        this.place = place;
    }

    /** Connects a listener to a stream, at once or later; a stream that comes when it is no longer wanted is cancelled by the listener.
     *  @param fresh do not lend a kept connection */
    void acquire(UpstreamStream.Listener listener, boolean fresh) {
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
        Dial.to(loop, key.place.isEmpty() ? null : place, key.address, new Dial.Outcome() {
            @Override public void connected(Channel channel) {
                Http1Upstream upstream = new Http1Upstream(loop, UpstreamPool.this, channel);
                channel.pipeline().addLast(upstream);
                upstream.lend(listener);
            }

            @Override public void failed(Throwable cause) {
                loop.counters.upstreamConnectFailures++;
                listener.connectFailed(cause);
            }
        });
    }

    /** A connection came to the end of an exchange and can carry another. */
    void release(Http1Upstream upstream) {
        if (loop.draining() || idle.size() >= loop.settings().maxIdleUpstream()) {
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

    /** Closes what has been idle since before {@code sinceNanos}; true when nothing is left. */
    boolean sweep(long sinceNanos) {
        while (!idle.isEmpty() && idle.peekFirst().idleSince - sinceNanos < 0) {
            Http1Upstream old = idle.pollFirst();
            loop.idleUpstream--;
            old.channel.close();
        }
        return idle.isEmpty();
    }
}
