package heddle.core.internal;

import heddle.api.policy.Endpoint;
import heddle.api.policy.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/** Which of a backend's ready endpoints are used now: one that fails again and again is left out for a while (ejection), a new one gets its
 *  full share only in time (slow start). Made only for Services that ask for either. Reads are wait-free; a change replaces the view as a
 *  whole. Any thread. */
final class EndpointHealth {
    private static final long NEVER = Long.MAX_VALUE;
    /** The least share of a full one that a new endpoint gets, so that it is asked at all. */
    private static final double LEAST_SHARE = 0.1;

    private final EndpointSettings settings;
    private final LongSupplier clock;
    private final DoubleSupplier random;
    private final Listener listener;
    private final AtomicReference<View> view = new AtomicReference<>(new View(List.of(), Map.of(), Map.of(), Map.of(), List.of(), List.of(), 0, NEVER));

    /** Told on any thread. */
    interface Listener {
        /** @param out how many endpoints are left out now */
        void changed(boolean ejected, int out);
    }

    /** Failures in a row; two loops at once count both. */
    private record Counts(AtomicInteger failures, AtomicInteger gatewayErrors) {
        void clear() {
            if (failures.get() != 0) failures.set(0);
            if (gatewayErrors.get() != 0) gatewayErrors.set(0);
        }
    }

    private record Ejection(long until, long length) {
        boolean out(long now) {
            return until - now > 0;
        }
    }

    /** @param since   when those that are not old came
     *  @param ordered the healthy ones: first those with a full share, then the new ones, oldest first
     *  @param full    how many of them have a full share
     *  @param changes when time alone changes the view */
    private record View(List<Endpoint> all, Map<Endpoint, Counts> counts, Map<Endpoint, Ejection> ejections, Map<Endpoint, Long> since,
                        List<Endpoint> healthy, List<Endpoint> ordered, int full, long changes) {}

    /** @param random uniform in [0, 1) */
    EndpointHealth(EndpointSettings settings, LongSupplier clock, DoubleSupplier random, Listener listener) {
        this.settings = settings;
        this.clock = clock;
        this.random = random;
        this.listener = listener;
    }

    /** For one request; the same instance while nothing is new or out. */
    List<Endpoint> ready() {
        View now = view.get();
        if (now.changes == NEVER) return now.healthy;
        long time = clock.getAsLong();
        now = current(now, time);
        int size = now.ordered.size();
        if (now.full == size) return now.healthy;
        double draw = random.getAsDouble();
        int end = now.full;
        while (end < size && share(now.since.getOrDefault(now.ordered.get(end), 0L), time) > draw) end++;
        return end == 0 || end == size ? now.healthy : now.ordered.subList(0, end);
    }

    private double share(long since, long time) {
        return Math.max(LEAST_SHARE, (double) (time - since) / settings.slowStartNanos());
    }

    /** Those that are not out, new or not. */
    List<Endpoint> healthy() {
        return current(view.get(), clock.getAsLong()).healthy;
    }

    /** The view as of this time. */
    private View current(View now, long time) {
        return now.changes != NEVER && now.changes - time <= 0 ? turn(time) : now;
    }

    /** {@code ejected for 12 s}, {@code new, 40 % of a share}, or "". */
    String describe(Endpoint endpoint) {
        View now = view.get();
        long time = clock.getAsLong();
        Ejection ejection = now.ejections.get(endpoint);
        if (ejection != null && ejection.out(time)) return "ejected for " + (ejection.until - time + 999_999_999) / 1_000_000_000 + " s";
        Long since = now.since.get(endpoint);
        return since == null || share(since, time) >= 1 ? "" : "new, " + (int) (share(since, time) * 100) + " % of a share";
    }

    /** The ready endpoints as the Service has them. Those of the first call are not new. */
    void update(List<Endpoint> all) {
        long time = clock.getAsLong();
        View before;
        View after;
        do {
            before = view.get();
            Map<Endpoint, Counts> counts = HashMap.newHashMap(all.size());
            Map<Endpoint, Long> since = new HashMap<>(before.since);
            for (Endpoint endpoint : all) {
                Counts known = before.counts.get(endpoint);
                counts.put(endpoint, known != null ? known : new Counts(new AtomicInteger(), new AtomicInteger()));
                if (known == null && settings.slowStartNanos() > 0 && !before.all.isEmpty()) since.put(endpoint, time);
            }
            Map<Endpoint, Ejection> ejections = new HashMap<>(before.ejections);
            ejections.keySet().retainAll(counts.keySet());
            since.keySet().retainAll(counts.keySet());
            after = view(List.copyOf(all), counts, ejections, since, time);
        } while (!view.compareAndSet(before, after));
        listener.changed(false, after.all.size() - after.healthy.size());
    }

    /** A try at an endpoint has ended. */
    void ended(Endpoint endpoint, Outcome outcome, int status) {
        Counts counts = view.get().counts.get(endpoint);
        if (counts == null) return;
        boolean gateway = switch (outcome) {
            case CONNECT_FAILED, BROKEN_BEFORE_HEAD, TIMED_OUT -> true;
            case COMPLETED, BROKEN_AFTER_HEAD -> status >= 502 && status <= 504;
            case ANSWERED, NO_ENDPOINT, CLIENT_GONE -> false;
        };
        boolean failed = gateway || outcome == Outcome.BROKEN_AFTER_HEAD || outcome == Outcome.COMPLETED && status >= 500;
        if (!failed) {
            if (outcome == Outcome.COMPLETED) counts.clear();
            return;
        }
        int failures = counts.failures.incrementAndGet();
        int errors = 0;
        if (gateway) errors = counts.gatewayErrors.incrementAndGet();
        else counts.gatewayErrors.set(0);
        if (settings.failures() > 0 && failures >= settings.failures() || settings.gatewayErrors() > 0 && errors >= settings.gatewayErrors()) eject(endpoint, counts);
    }

    private void eject(Endpoint endpoint, Counts counts) {
        long time = clock.getAsLong();
        View before;
        View after;
        do {
            before = view.get();
            Ejection last = before.ejections.get(endpoint);
            if (last != null && last.out(time)) return;
            int out = (int) before.ejections.values().stream().filter(each -> each.out(time)).count() + 1;
            if (out * 100 > settings.mostPercent() * before.all.size() || out >= before.all.size()) return;
            long length = Math.min(settings.mostNanos(), last != null && time - last.until < last.length ? last.length * 2 : settings.ejectionNanos());
            Map<Endpoint, Ejection> ejections = new HashMap<>(before.ejections);
            ejections.put(endpoint, new Ejection(time + length, length));
            after = view(before.all, before.counts, ejections, before.since, time);
        } while (!view.compareAndSet(before, after));
        counts.clear();
        listener.changed(true, after.all.size() - after.healthy.size());
    }

    /** Brings the view up to the time: ejections that are over, endpoints that are no longer new. */
    private View turn(long time) {
        View before;
        View after;
        do {
            before = view.get();
            if (before.changes == NEVER || before.changes - time > 0) return before;
            Map<Endpoint, Long> since = new HashMap<>(before.since);
            for (Map.Entry<Endpoint, Ejection> each : before.ejections.entrySet()) {
                // back again: as a new one
                if (settings.slowStartNanos() > 0 && !each.getValue().out(time) && !before.healthy.contains(each.getKey())) since.put(each.getKey(), time);
            }
            after = view(before.all, before.counts, before.ejections, since, time);
        } while (!view.compareAndSet(before, after));
        listener.changed(false, after.all.size() - after.healthy.size());
        return after;
    }

    private View view(List<Endpoint> all, Map<Endpoint, Counts> counts, Map<Endpoint, Ejection> ejections, Map<Endpoint, Long> since, long time) {
        long changes = NEVER;
        List<Endpoint> healthy = new ArrayList<>(all.size());
        List<Endpoint> fresh = new ArrayList<>();
        List<Endpoint> ordered = new ArrayList<>(all.size());
        for (Endpoint endpoint : all) {
            Ejection ejection = ejections.get(endpoint);
            if (ejection != null && ejection.out(time)) {
                changes = Math.min(changes, ejection.until);
                continue;
            }
            healthy.add(endpoint);
            Long came = since.get(endpoint);
            if (came == null || share(came, time) >= 1) {
                ordered.add(endpoint);
            } else {
                fresh.add(endpoint);
                changes = Math.min(changes, came + settings.slowStartNanos());
            }
        }
        int full = ordered.size();
        fresh.sort(Comparator.comparing(since::get));
        ordered.addAll(fresh);
        List<Endpoint> kept = List.copyOf(healthy);
        return new View(all, counts, ejections, since, kept, fresh.isEmpty() ? kept : List.copyOf(ordered), full, changes);
    }
}
