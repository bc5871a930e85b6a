package heddle.policy.internal.filter;

import heddle.api.identity.Client;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterAction.Field;
import heddle.api.policy.OnLoop;
import heddle.api.policy.RequestEdit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A token bucket for each key, kept as the time at which it would be full again (one number, changed without a lock). It lives as long as
 *  the filter, which is carried over between snapshots while its resource stays the same. Beyond {@link #maxKeys} keys, full buckets are
 *  dropped; if there are none, further keys share one bucket, so that invented keys neither eat memory nor get around the limit. */
@OnLoop
final class LocalRateLimit implements Filter {
    enum Kind { Client, Namespace, ServiceAccount, Header }

    /** @param name the header's, lower-case; else "" */
    record KeyPart(Kind kind, String name) {}

    private static final String OVERFLOW = "\0";

    private final long interval;
    private final long tolerance;
    private final List<KeyPart> by;
    private final int maxKeys;
    private final LongSupplier clock;
    private final Map<String, AtomicLong> buckets = new ConcurrentHashMap<>();
    private final AtomicLong lastSweep;

    /** @param interval nanoseconds a token takes to come back */
    LocalRateLimit(long interval, long burst, List<KeyPart> by, int maxKeys, LongSupplier clock) {
        this.interval = interval;
        this.tolerance = Math.multiplyExact(interval, burst - 1);
        this.by = by;
        this.maxKeys = maxKeys;
        this.clock = clock;
        this.lastSweep = new AtomicLong(clock.getAsLong() - tolerance - interval);      // the first one needed is due
    }

    @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
        long now = clock.getAsLong();
        long wait = take(bucket(key(request, exchange.client()), now), now);
        if (wait == 0) return FilterAction.CONTINUE;
        long seconds = Math.max(1, TimeUnit.NANOSECONDS.toSeconds(wait + TimeUnit.SECONDS.toNanos(1) - 1));
        return Replies.failure(request, 429, 8, "rate-limit", "too many requests", List.of(new Field("retry-after", Long.toString(seconds))));
    }

    /** 0 = taken, else nanoseconds until a token is there. */
    private long take(AtomicLong bucket, long now) {
        while (true) {
            long full = bucket.get();
            long base = full - now > 0 ? full : now;
            long early = base - now - tolerance;
            if (early > 0) return early;
            if (bucket.compareAndSet(full, base + interval)) return 0;
        }
    }

    private AtomicLong bucket(String key, long now) {
        AtomicLong known = buckets.get(key);
        if (known != null) return known;
        if (buckets.size() >= maxKeys) sweep(now);
        String kept = buckets.size() >= maxKeys ? OVERFLOW : key;
        return buckets.computeIfAbsent(kept, _ -> new AtomicLong(now));
    }

    /** At most once in the time that a bucket takes to fill: before that there is little to find. */
    private void sweep(long now) {
        long last = lastSweep.get();
        if (now - last < tolerance + interval || !lastSweep.compareAndSet(last, now)) return;
        buckets.values().removeIf(full -> full.get() - now <= 0);
    }

    private String key(RequestEdit request, Client client) {
        if (by.isEmpty()) return "";
        if (by.size() == 1) return part(by.getFirst(), request, client);
        StringBuilder key = new StringBuilder();
        for (KeyPart part : by) {
            String text = part(part, request, client);
            key.append(text.length()).append(':').append(text);              // two different lists of values never read the same
        }
        return key.toString();
    }

    private static String part(KeyPart part, RequestEdit request, Client client) {
        return switch (part.kind) {
            case Client -> client.id();
            case Namespace -> client.namespace();
            case ServiceAccount -> client instanceof Client.Known known ? known.namespace() + "/" + known.serviceAccount() : "unknown";
            case Header -> request.header(part.name);
        };
    }

    @Override public void close() {
        buckets.clear();
    }
}
