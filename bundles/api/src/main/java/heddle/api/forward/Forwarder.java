package heddle.api.forward;

import heddle.api.plan.MeshView;
import heddle.api.plan.RulePlan;
import heddle.api.source.Registration;
import heddle.api.steer.Place;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/** Accepts connections at places and carries them out. A service; the one with the highest {@code service.ranking} serves,
 *  and during a swap two do, from one accept queue. */
@ConsumerType
public interface Forwarder {
    /** Shown by {@code status}. */
    String name();

    /** Number of event loops: the range of {@code RulePlan.begin(loop)}. */
    int loops();

    /** Starts accepting at a place, from a duplicate of its listener. Closing stops accepting there; accepted connections go on. */
    Registration serve(Place place, MeshView view);

    /** Completes when every event loop has passed once since the call: from then on none counts on a plan read before. */
    CompletionStage<Void> quiesce();

    /** Lets kept connections end (HTTP/1 {@code Connection: close}, h2 GOAWAY, relays to the limit); completes when all have gone or
     *  the limit has passed and the rest was reset. */
    CompletionStage<Void> drain(Duration limit);

    /** Resets the exchanges that still hold one of these plans: their time to end ({@code swap.drain}) has run out. Any thread;
     *  returns at once, and the leases come back as the exchanges end. */
    default void reset(Collection<RulePlan> plans) {}

    ForwarderStatus status();
}
