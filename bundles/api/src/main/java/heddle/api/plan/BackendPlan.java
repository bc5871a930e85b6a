package heddle.api.plan;

import heddle.api.policy.Backend;
import heddle.api.policy.Endpoint;
import heddle.api.policy.Filter;
import heddle.api.policy.LoadBalancer;
import heddle.api.policy.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** One backendRef of one rule, resolved. */
@ProviderType
public interface BackendPlan extends Backend {
    /** {@link Failure#NONE}, or what to answer for this share (SPEC.md B2 to B5). */
    Failure failure();

    /** How to speak to its endpoints. */
    Protocol protocol();

    /** TLS toward the endpoints (BackendTLSPolicy); empty = plain. */
    Optional<UpstreamTls> tls();

    /** Filters of the backendRef, run after the rule's. */
    List<Filter> filters();

    /** Ready endpoints now (changes without a new generation); empty = 503 (SPEC.md B6). */
    List<Endpoint> ready();

    /** The balancer; never called with an empty {@link #ready()}. */
    LoadBalancer balancer();

    /** Retries of all rules that lead here (SPEC.md T8). */
    default RetryBudget budget() {
        return RetryBudget.NONE;
    }

    /** Tells how a try ended to whatever else than the balancer watches the endpoints (ejection). On event loops; wait-free.
     *  @param status  of the response, 0 without one; a gRPC failure in a head of its own counts as its HTTP counterpart
     *  @param elapsed from first byte sent to last byte received */
    default void ended(Endpoint endpoint, Outcome outcome, int status, Duration elapsed) {}

    enum Protocol { HTTP1, H2C }
}
