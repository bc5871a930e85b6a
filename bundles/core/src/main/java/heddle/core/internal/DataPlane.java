package heddle.core.internal;

import heddle.api.forward.Forwarder;
import heddle.api.plan.MeshView;
import heddle.api.plan.RulePlan;
import heddle.api.source.Registration;
import heddle.api.steer.Place;
import heddle.api.steer.PlaceObserver;
import heddle.api.steer.Steering;
import heddle.api.steer.SteeringPlan;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Brings steering and forwarder together: every place is served by the forwarder in force, and by the leaving one until it has let go
 *  (DESIGN.md, hot swap). Changes of part on the assembler thread; places come and go on any thread. */
final class DataPlane {
    private static final Logger LOG = System.getLogger(DataPlane.class.getName());
    /** A forwarder's counter of connections that it reset at the end of its drain. */
    private static final String DRAIN_RESETS = "drain_resets";

    private static final Duration HAND_OVER = Duration.ofSeconds(3);

    private final MeshView view;
    private final DrainCounts counts;
    private final Object lock = new Object();
    private final Map<Place, Map<Forwarder, Registration>> places = new IdentityHashMap<>();
    private final Map<Forwarder, CompletableFuture<Void>> draining = new IdentityHashMap<>();
    private volatile Optional<Forwarder> forwarder = Optional.empty();
    private volatile Optional<Steering> steering = Optional.empty();
    private Optional<Registration> started = Optional.empty();
    private Optional<Registration> leaving = Optional.empty();
    private Optional<SteeringPlan> applied = Optional.empty();
    private Optional<Steering> refused = Optional.empty();
    private volatile Optional<Steering> planned = Optional.empty();

    DataPlane(MeshView view, DrainCounts counts) {
        this.view = view;
        this.counts = counts;
    }

    Optional<Forwarder> forwarder() {
        return forwarder;
    }

    Optional<Steering> steering() {
        return steering;
    }

    /** Whether the steering in force has put a plan in force, so that connections arrive. */
    boolean planned() {
        Optional<Steering> now = steering;
        return now.isPresent() && planned.orElse(null) == now.get();
    }

    /** Forwarders whose event loops may still hold plans: the one in force and those that drain. */
    List<Forwarder> forwarders() {
        synchronized (lock) {
            List<Forwarder> all = new ArrayList<>(draining.keySet());
            forwarder.ifPresent(all::add);
            return all;
        }
    }

    /** Completes when the forwarder serves nothing any more. */
    CompletableFuture<Void> drained(Forwarder leaving) {
        synchronized (lock) {
            return draining.getOrDefault(leaving, CompletableFuture.completedFuture(null));
        }
    }

    /** Puts this forwarder in force: it serves every place before the old one lets go of them. Returns whether that changed anything. */
    boolean use(Optional<Forwarder> next, Duration drain) {
        Optional<Forwarder> old = forwarder;
        if (old.orElse(null) == next.orElse(null)) return false;
        List<Registration> letGo = new ArrayList<>();
        synchronized (lock) {
            next.ifPresent(now -> places.forEach((place, served) -> serve(now, place, served)));
            forwarder = next;
            old.ifPresent(leaving -> {
                places.values().forEach(served -> Optional.ofNullable(served.remove(leaving)).ifPresent(letGo::add));
                draining.put(leaving, new CompletableFuture<>());
            });
        }
        letGo.forEach(DataPlane::close);
        old.ifPresent(leaving -> end(leaving, drain, next.isPresent() ? handOver(drain) : Duration.ZERO));
        LOG.log(Level.INFO, "forwarder in force: " + next.map(Forwarder::name).orElse("none"));
        return true;
    }

    /** Time over which kept connections go from a forwarder to the next. */
    private static Duration handOver(Duration drain) {
        Duration half = drain.dividedBy(2);
        return half.compareTo(HAND_OVER) < 0 ? half : HAND_OVER;
    }

    private void end(Forwarder leaving, Duration drain, Duration over) {
        CompletionStage<Void> ended;
        try {
            counts.connections(leaving.status().connections());
            ended = leaving.drain(drain, over);
        } catch (RuntimeException e) {
            ended = CompletableFuture.failedFuture(e);
        }
        ended.whenComplete((nothing, fault) -> {
            if (fault != null) LOG.log(Level.WARNING, "forwarder " + leaving.name() + " did not drain: " + fault, fault);
            else counts.failed(leaving.status().counters().getOrDefault(DRAIN_RESETS, 0L));
            CompletableFuture<Void> waiting;
            synchronized (lock) {
                waiting = draining.remove(leaving);
            }
            if (waiting != null) waiting.complete(null);
        });
    }

    /** Starts this steering; the next {@link #apply} puts it in force, then the old one ends. Returns whether that changed anything. */
    boolean steer(Optional<Steering> next) {
        Optional<Steering> old = steering;
        if (old.orElse(null) == next.orElse(null)) return false;
        if (next.isPresent() && refused.orElse(null) == next.get()) return false;
        Optional<Registration> oldStarted = started;
        Optional<Registration> nextStarted = Optional.empty();
        if (next.isPresent()) {
            try {
                next.get().follow(standing());
                nextStarted = Optional.of(next.get().start(new Ear()));
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "steering " + next.get().id() + " did not start: " + e.getMessage(), e);
                refused = next;
                return false;
            }
        }
        if (next.isEmpty()) planned = Optional.empty();
        started = nextStarted;
        steering = next;
        applied = Optional.empty();     // the last plan may be of a time without a forwarder
        letGo();
        leaving = oldStarted;
        if (next.isEmpty()) letGo();
        LOG.log(Level.INFO, "steering in force: " + next.map(Steering::id).orElse("none"));
        return true;
    }

    /** Puts a plan in force unless it says what the last one said. */
    boolean apply(SteeringPlan plan) {
        boolean same = applied.filter(last -> last.frontends().equals(plan.frontends()) && last.workloads().equals(plan.workloads())).isPresent();
        applied = Optional.of(plan);
        if (!same) steering.ifPresent(now -> put(now, plan));
        boolean followed = leaving.isPresent();
        letGo();
        // what the old one held may be what the new one lacked
        if (followed) steering.filter(now -> !now.status().problems().isEmpty()).ifPresent(now -> put(now, plan));
        return !same;
    }

    private List<Place> standing() {
        synchronized (lock) {
            return List.copyOf(places.keySet());
        }
    }

    private void letGo() {
        leaving.ifPresent(DataPlane::close);
        leaving = Optional.empty();
    }

    private void put(Steering steering, SteeringPlan plan) {
        try {
            steering.apply(plan);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "steering " + steering.id() + " failed on the plan of generation " + plan.generation() + ": " + e.getMessage(), e);
            return;
        }
        planned = Optional.of(steering);
    }

    /** Completes when every event loop of every forwarder has passed once. */
    CompletableFuture<Void> quiesce() {
        List<CompletableFuture<Void>> passes = new ArrayList<>();
        for (Forwarder each : forwarders()) {
            try {
                passes.add(each.quiesce().toCompletableFuture());
            } catch (RuntimeException e) {
                LOG.log(Level.DEBUG, "forwarder " + each.name() + " cannot quiesce", e);
            }
        }
        return CompletableFuture.allOf(passes.toArray(CompletableFuture[]::new));
    }

    void letGo(Collection<RulePlan> plans) {
        for (Forwarder each : forwarders()) each.letGo(plans);
    }

    void reset(Collection<RulePlan> plans) {
        for (Forwarder each : forwarders()) each.reset(plans);
    }

    private void serve(Forwarder by, Place place, Map<Forwarder, Registration> served) {
        try {
            served.put(by, by.serve(place, view));
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "forwarder " + by.name() + " cannot serve " + place.id() + ": " + e.getMessage(), e);
        }
    }

    private static void close(Registration registration) {
        try {
            registration.close();
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "a registration did not close: " + e.getMessage(), e);
        }
    }

    private final class Ear implements PlaceObserver {
        @Override public void opened(Place place) {
            synchronized (lock) {
                Map<Forwarder, Registration> served = places.computeIfAbsent(place, each -> new HashMap<>(2));
                forwarder.filter(now -> !served.containsKey(now)).ifPresent(now -> serve(now, place, served));
            }
        }

        @Override public void closed(Place place) {
            Map<Forwarder, Registration> served;
            synchronized (lock) {
                served = places.remove(place);
            }
            if (served != null) served.values().forEach(DataPlane::close);
        }
    }
}
