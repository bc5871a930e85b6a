package heddle.core.internal;

import heddle.api.plan.BackendPlan;
import heddle.api.plan.Failure;
import heddle.api.plan.RetryBudget;
import heddle.api.plan.UpstreamTls;
import heddle.api.policy.Endpoint;
import heddle.api.policy.Filter;
import heddle.api.policy.LoadBalancer;
import heddle.api.policy.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A backendRef that leads to a Service port. */
record PooledBackend(BackendPool pool, Failure failure, Protocol protocol, Optional<UpstreamTls> tls, RetryBudget budget, List<Filter> filters) implements BackendPlan {
    @Override public String name() {
        return pool.name();
    }

    @Override public List<Endpoint> ready() {
        return pool.ready();
    }

    @Override public void ended(Endpoint endpoint, Outcome outcome, int status, Duration elapsed) {
        pool.ended(endpoint, outcome, status);
    }

    @Override public LoadBalancer balancer() {
        return pool.balancer();
    }
}
