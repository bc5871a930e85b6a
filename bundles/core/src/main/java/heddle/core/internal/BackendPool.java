package heddle.core.internal;

import heddle.api.policy.Backend;
import heddle.api.policy.Endpoint;
import heddle.api.policy.LoadBalancer;
import heddle.api.policy.LoadBalancerFactory;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The endpoints of one Service port and the balancer over them, shared by all rules that lead there. Endpoints change in place. */
final class BackendPool extends Shared implements Backend {
    /** What decides whether a pool lives on; endpoints do not.
     *  @param byClientAddress the Service says {@code sessionAffinity: ClientIP}
     *  @param factory empty = the built-in balancer */
    record Spec(ServiceName service, int port, String protocol, Optional<LoadBalancerFactory> factory, String balancer,
                Map<String, String> annotations, boolean byClientAddress) {
        String name() {
            return service + ":" + port;
        }
    }

    private static final Logger LOG = System.getLogger(BackendPool.class.getName());

    private final Spec spec;
    private final LoadBalancer balancer;
    private volatile List<Endpoint> ready = List.of();

    BackendPool(Spec spec) {
        this.spec = spec;
        this.balancer = create();
    }

    /** A balancer that cannot be made must not take the Service out of service. */
    private LoadBalancer create() {
        if (spec.factory().isEmpty()) return new TurnBalancer();
        try {
            return spec.factory().get().create(this, spec.annotations());
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "balancer " + spec.balancer() + " of " + name() + " cannot be made, endpoints are taken in turn: " + e.getMessage(), e);
            return new TurnBalancer();
        }
    }

    Spec spec() {
        return spec;
    }

    boolean madeBy(LoadBalancerFactory factory) {
        return spec.factory().filter(each -> each == factory).isPresent();
    }

    @Override public String name() {
        return spec.name();
    }

    boolean byClientAddress() {
        return spec.byClientAddress();
    }

    /** Those that a session may stay with. */
    List<Endpoint> healthy() {
        return ready;
    }

    List<Endpoint> ready() {
        return ready;
    }

    LoadBalancer balancer() {
        return balancer;
    }

    boolean update(List<Endpoint> next) {
        if (next.equals(ready)) return false;
        try {
            balancer.update(next);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "balancer " + spec.balancer() + " of " + name() + " refused an update: " + e.getMessage(), e);
        }
        ready = next;
        return true;
    }

    @Override void close() {
        try {
            balancer.close();
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "balancer " + spec.balancer() + " of " + name() + " did not close: " + e.getMessage(), e);
        }
    }

    @Override public String toString() {
        return name();
    }
}
