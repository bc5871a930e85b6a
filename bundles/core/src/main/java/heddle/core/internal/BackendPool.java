package heddle.core.internal;

import heddle.api.policy.Backend;
import heddle.api.policy.Endpoint;
import heddle.api.policy.LoadBalancer;
import heddle.api.policy.LoadBalancerFactory;
import heddle.api.policy.Outcome;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

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
    private final CoreMetrics metrics;
    private final LoadBalancer balancer;
    private final EndpointSettings settings;
    /** Absent unless the Service asks for it: then the ready endpoints are used as they are. */
    private final @Nullable EndpointHealth health;
    private volatile List<Endpoint> ready = List.of();

    BackendPool(Spec spec, CoreMetrics metrics) {
        this.spec = spec;
        this.metrics = metrics;
        this.settings = EndpointSettings.of(spec.annotations(), spec.balancer());
        this.balancer = create();
        this.health = settings.off() ? null : new EndpointHealth(settings, System::nanoTime, () -> ThreadLocalRandom.current().nextDouble(),
                (ejected, out) -> metrics.ejection(spec.name(), ejected, out));
        settings.problems().forEach(problem -> LOG.log(Level.WARNING, "Service " + spec.service() + ": " + problem));
    }

    /** A balancer that cannot be made must not take the Service out of service. */
    private LoadBalancer create() {
        if (spec.factory().isEmpty()) return new TurnBalancer();
        try {
            return Objects.requireNonNull(spec.factory().get().create(this, spec.annotations()), "create gave null (expected: a LoadBalancer)");
        } catch (RuntimeException | Error e) {
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
        EndpointHealth watched = health;
        return watched == null ? ready : watched.healthy();
    }

    /** Those that a request may be sent to now. */
    List<Endpoint> ready() {
        EndpointHealth watched = health;
        return watched == null ? ready : watched.ready();
    }

    /** Every ready endpoint, whatever its health: for whom only connections count, and for reports. */
    List<Endpoint> all() {
        return ready;
    }

    /** Annotations that cannot be followed. */
    List<String> problems() {
        Optional<String> other = spec.factory().map(LoadBalancerFactory::name).filter(name -> !name.equals(spec.balancer()));
        if (other.isEmpty()) return settings.problems();
        List<String> all = new ArrayList<>(settings.problems());
        all.add("no balancer " + spec.balancer() + " is installed; " + other.get() + " is used");
        return all;
    }

    /** {@code 10.1.0.1:80}, and what is to be said of its health. */
    String describe(Endpoint endpoint) {
        EndpointHealth watched = health;
        String more = watched == null ? "" : watched.describe(endpoint);
        return EndpointList.text(endpoint.address()) + (more.isEmpty() ? "" : " (" + more + ")");
    }

    void ended(Endpoint endpoint, Outcome outcome, int status) {
        EndpointHealth watched = health;
        if (watched != null) watched.ended(endpoint, outcome, status);
    }

    LoadBalancer balancer() {
        return balancer;
    }

    boolean update(List<Endpoint> next) {
        if (next.equals(ready)) return false;
        try {
            balancer.update(next);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.WARNING, "balancer " + spec.balancer() + " of " + name() + " refused an update: " + e.getMessage(), e);
        }
        EndpointHealth watched = health;
        if (watched != null) watched.update(next);
        ready = next;
        return true;
    }

    @Override void close() {
        if (health != null) metrics.backendGone(spec.name());
        try {
            balancer.close();
        } catch (RuntimeException | Error e) {
            LOG.log(Level.WARNING, "balancer " + spec.balancer() + " of " + name() + " did not close: " + e.getMessage(), e);
        }
    }

    @Override public String toString() {
        return name();
    }
}
