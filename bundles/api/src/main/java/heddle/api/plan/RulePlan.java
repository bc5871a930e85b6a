package heddle.api.plan;

import heddle.api.policy.Filter;
import heddle.api.telemetry.ExchangeRecorder;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** One rule of a route set. Carried over between snapshots while its inputs are the same. */
@ProviderType
public interface RulePlan {
    /** {@code HTTPRoute namespace/name}. */
    String route();

    /** The rule's name, or its index. */
    String rule();

    /** {@link Failure#NONE}, or what every request of the rule is answered: an unresolved filter (SPEC.md F5). */
    Failure failure();

    /** In list order. */
    List<Filter> filters();

    Split split();

    /** Nanoseconds from the request's first byte; 0 = no deadline (SPEC.md T2). */
    long requestTimeoutNanos();

    /** Nanoseconds a try; 0 = no deadline (SPEC.md T3). */
    long backendTimeoutNanos();

    Optional<RetryPolicy> retry();

    /** Session persistence; empty = none, which costs nothing (SPEC.md T9). */
    default Optional<Sessions> sessions() {
        return Optional.empty();
    }

    /** Counters and histograms of this rule, resolved with the plan. */
    ExchangeRecorder recorder();

    /** Takes and gives back the rule's lease: one plain counter an event loop ({@code loop}: its index), no shared atomic. */
    void begin(int loop);

    void end(int loop);
}
