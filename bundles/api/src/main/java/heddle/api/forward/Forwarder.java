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

    /** The same beside a successor, which is to get kept connections one after the other over a time: its code is cold. What is
     *  left at the limit is reset over as long, since its clients come back. */
    default CompletionStage<Void> drain(Duration limit, Duration over) {
        return drain(limit);
    }

    /** Exchanges that hold one of these plans and need nothing more of it, since their response's head is out and no filter waits for their
     *  end, give it back and go on: a stream of hours does not hold a filter's bundle. Any thread; returns at once; asked again and again. */
    default void letGo(Collection<RulePlan> plans) {}

    /** Resets the exchanges that still hold one of these plans: their time to end ({@code swap.drain}) has run out. Any thread;
     *  returns at once, and the leases come back as the exchanges end. */
    default void reset(Collection<RulePlan> plans) {}

    ForwarderStatus status();
}
