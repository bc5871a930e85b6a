package heddle.core.internal;

import heddle.api.match.RequestHead;
import heddle.api.plan.RequestLog;
import heddle.api.plan.RulePlan;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What the Service ports remember of their requests, over all snapshots: for {@code explain --recent} and {@code diff}. A port that nobody
 *  uses has no rings; all rings together keep about {@value #BUDGET} characters. */
final class RecentRequests {
    private static final long BUDGET = 16 << 20;
    private static final long PAUSE = 50_000_000;
    private static final long FAILURE_PAUSE = 5_000_000;

    private final Map<FrontendKey, Port> ports = new ConcurrentHashMap<>();
    private final AtomicLong kept = new AtomicLong();
    private volatile int slots;

    /** @param slots requests and failures kept a port; 0 = nothing is remembered */
    RecentRequests(int slots) {
        this.slots = slots;
    }

    void slots(int next) {
        if (next == slots) return;
        slots = next;
        ports.values().forEach(Port::clear);
    }

    RequestLog log(FrontendKey key) {
        return ports.computeIfAbsent(key, each -> new Port());
    }

    /** Forgets the ports that are gone. */
    void retain(Collection<FrontendKey> living) {
        ports.entrySet().removeIf(entry -> {
            if (living.contains(entry.getKey())) return false;
            entry.getValue().gone = true;
            entry.getValue().clear();
            return true;
        });
    }

    /** In no order. */
    List<RecentRequest> requests(FrontendKey key) {
        Port port = ports.get(key);
        return port == null || port.requests == null ? List.of() : port.requests.all();
    }

    List<RecentRequest> failures(FrontendKey key) {
        Port port = ports.get(key);
        return port == null || port.failures == null ? List.of() : port.failures.all();
    }

    private final class Port implements RequestLog {
        private volatile @Nullable RecentRing requests;
        private volatile @Nullable RecentRing failures;
        /** Exchanges that still run have nobody to tell. */
        private volatile boolean gone;

        @Override public boolean wants(long nanos) {
            RecentRing ring = requests;
            return ring == null ? slots > 0 && !gone : ring.wants(nanos);
        }

        @Override public void seen(RequestHead head) {
            RecentRequest request = RecentRequest.of(head, head.target(), 0, "", "");
            if (request == null) return;
            RecentRing ring = requests;
            if (ring == null) requests = ring = ring(PAUSE);
            ring.add(request, System.nanoTime());
        }

        @Override public void failed(RequestHead head, String target, @Nullable RulePlan rule, int status, String reason) {
            if (slots == 0 || gone) return;
            RecentRing ring = failures;
            if (ring == null) failures = ring = ring(FAILURE_PAUSE);
            long now = System.nanoTime();
            if (!ring.wants(now)) return;
            RecentRequest request = RecentRequest.of(head, target, status, reason, rule == null ? "" : rule.route() + " rule " + rule.rule());
            if (request != null) ring.add(request, now);
        }

        private RecentRing ring(long pause) {
            return new RecentRing(slots, pause, kept, BUDGET);
        }

        void clear() {
            RecentRing one = requests;
            RecentRing two = failures;
            requests = null;
            failures = null;
            if (one != null) one.clear();
            if (two != null) two.clear();
        }
    }
}
