package heddle.core.internal;

import heddle.api.plan.BackendPlan;
import heddle.api.plan.Failure;
import heddle.api.plan.UpstreamTls;
import heddle.api.policy.Endpoint;
import heddle.api.policy.Filter;
import heddle.api.policy.LoadBalancer;
import java.util.List;
import java.util.Optional;

/** A share that cannot be sent anywhere: its requests get the failure's answer (SPEC.md B2 to B5). */
record FailedBackend(String name, Failure failure) implements BackendPlan {
    static final FailedBackend NONE = new FailedBackend("", Failure.NO_BACKEND);
    static final FailedBackend NO_ROUTE = new FailedBackend("", Failure.NO_ROUTE);

    @Override public Protocol protocol() {
        return Protocol.HTTP1;
    }

    @Override public Optional<UpstreamTls> tls() {
        return Optional.empty();
    }

    @Override public List<Filter> filters() {
        return List.of();
    }

    @Override public List<Endpoint> ready() {
        return List.of();
    }

    @Override public LoadBalancer balancer() {
        throw new IllegalStateException("backend " + name + " has failed: " + failure.reason());
    }
}
