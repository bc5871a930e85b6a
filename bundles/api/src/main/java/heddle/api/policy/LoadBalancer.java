package heddle.api.policy;

import java.time.Duration;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** Chooses one ready endpoint of a backend. Called on event loops, many at once: must not block or lock.
 *  One instance serves one backend for as long as its settings stay the same, over many snapshots; then it is closed.
 *  Rule: backendRefs[].weight is already applied; this picks inside the chosen backend. */
@ConsumerType
public interface LoadBalancer extends AutoCloseable {
    /** {@code context.ready()} is never empty; returns one of its elements. */
    Endpoint pick(PickContext context);

    /** The ready endpoints changed. From the assembler's thread; may come during a pick. */
    void update(List<Endpoint> ready);

    /** Tells how the exchange ended; {@code elapsed} runs from first byte sent to last byte received. */
    default void onEnd(Endpoint endpoint, Outcome outcome, Duration elapsed) {}

    @Override default void close() {}
}
