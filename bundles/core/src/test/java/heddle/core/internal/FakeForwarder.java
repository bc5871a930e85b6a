package heddle.core.internal;

import heddle.api.forward.Forwarder;
import heddle.api.forward.ForwarderStatus;
import heddle.api.plan.MeshView;
import heddle.api.plan.RulePlan;
import heddle.api.source.Registration;
import heddle.api.steer.Place;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** Writes down what it is asked for; its loops pass when the test lets them. */
final class FakeForwarder implements Forwarder {
    private final String name;
    final List<String> log;
    final List<RulePlan> reset = new CopyOnWriteArrayList<>();
    final CompletableFuture<Void> drained = new CompletableFuture<>();
    volatile CompletableFuture<Void> pass = CompletableFuture.completedFuture(null);
    /** What the last pass waits for. */
    volatile CompletableFuture<Void> asked = pass;

    FakeForwarder(String name, List<String> log) {
        this.name = name;
        this.log = log;
    }

    @Override public String name() {
        return name;
    }

    @Override public int loops() {
        return 2;
    }

    @Override public Registration serve(Place place, MeshView view) {
        log.add(name + " serves " + place.id());
        return () -> log.add(name + " leaves " + place.id());
    }

    @Override public CompletionStage<Void> quiesce() {
        return asked = pass;
    }

    @Override public CompletionStage<Void> drain(Duration limit) {
        log.add(name + " drains");
        return drained;
    }

    @Override public void reset(Collection<RulePlan> plans) {
        reset.addAll(plans);
        plans.forEach(plan -> plan.end(0));
    }

    @Override public ForwarderStatus status() {
        return new ForwarderStatus(name, 2, 0, 0, Map.of());
    }
}
