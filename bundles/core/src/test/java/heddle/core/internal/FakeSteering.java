package heddle.core.internal;

import heddle.api.source.Registration;
import heddle.api.steer.Accepted;
import heddle.api.steer.Origin;
import heddle.api.steer.Place;
import heddle.api.steer.PlaceObserver;
import heddle.api.steer.Steering;
import heddle.api.steer.SteeringPlan;
import heddle.api.steer.SteeringStatus;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;

/** Opens one place at its start and writes down the plans. */
final class FakeSteering implements Steering {
    private final String id;
    final List<String> log;
    final List<SteeringPlan> plans = new CopyOnWriteArrayList<>();
    final Semaphore beats = new Semaphore(0);
    volatile PlaceObserver observer;
    volatile List<String> problems = List.of();

    FakeSteering(String id, List<String> log) {
        this.id = id;
        this.log = log;
    }

    @Override public String id() {
        return id;
    }

    @Override public void follow(List<Place> before) {
        if (!before.isEmpty()) log.add(id + " follows " + before.stream().map(Place::id).toList());
    }

    @Override public Registration start(PlaceObserver ear) {
        observer = ear;
        log.add(id + " starts");
        Place place = new FakePlace(id + ":1");
        ear.opened(place);
        return () -> {
            ear.closed(place);
            log.add(id + " ends");
        };
    }

    @Override public void apply(SteeringPlan plan) {
        plans.add(plan);
    }

    @Override public void heartbeat() {
        beats.release();
    }

    @Override public SteeringStatus status() {
        return new SteeringStatus(id, 1, 0, 0, problems, Map.of());
    }

    record FakePlace(String id) implements Place {
        @Override public int listener() {
            return -1;
        }

        @Override public <T> T inside(Callable<T> makeSocket) throws Exception {
            return makeSocket.call();
        }

        @Override public boolean local() {
            return true;
        }

        @Override public Origin origin(Accepted connection) {
            return Origin.NONE;
        }
    }
}
