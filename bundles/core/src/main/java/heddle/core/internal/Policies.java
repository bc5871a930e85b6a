package heddle.core.internal;

import heddle.api.model.BackendTrafficPolicy;
import heddle.api.model.Service;
import heddle.api.plan.RetryBudget;
import heddle.api.source.ObjectStatus;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.List;

/** The policies in force, and the retry budgets, which outlive every edit that leaves their own settings alone. On the assembler thread. */
final class Policies {
    private final CoreMetrics metrics;
    private final Map<ServiceName, WindowedBudget> budgets = new HashMap<>();
    private TlsPolicies tls = new TlsPolicies(World.EMPTY);
    private TrafficPolicies traffic = new TrafficPolicies(World.EMPTY);

    Policies(CoreMetrics metrics) {
        this.metrics = metrics;
    }

    /** Reads the policies of a world anew; only when something but routes and endpoints has changed. */
    void read(World world) {
        tls = new TlsPolicies(world);
        traffic = new TrafficPolicies(world);
        budgets.entrySet().removeIf(entry -> {
            boolean gone = world.service(entry.getKey()).flatMap(this::constraint).filter(entry.getValue().constraint()::equals).isEmpty();
            if (gone) metrics.budgetGone(entry.getKey().toString());
            return gone;
        });
    }

    TlsPolicies tls() {
        return tls;
    }

    Optional<BackendTrafficPolicy> traffic(Service service) {
        return traffic.of(service);
    }

    RetryBudget budget(Service service) {
        Optional<BackendTrafficPolicy.RetryConstraint> constraint = constraint(service);
        if (constraint.isEmpty()) return RetryBudget.NONE;
        String name = ServiceName.of(service).toString();
        return budgets.computeIfAbsent(ServiceName.of(service), each -> new WindowedBudget(constraint.get(), System::nanoTime, () -> metrics.overBudget(name)));
    }

    private Optional<BackendTrafficPolicy.RetryConstraint> constraint(Service service) {
        return traffic.of(service).flatMap(BackendTrafficPolicy::retryConstraint);
    }

    List<ObjectStatus> statuses() {
        return Stream.concat(tls.statuses().stream(), traffic.statuses().stream()).toList();
    }
}
