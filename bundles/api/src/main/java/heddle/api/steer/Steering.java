package heddle.api.steer;

import heddle.api.source.Registration;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** Brings clients' connections to the daemon. One is in force; of several the highest {@code service.ranking}.
 *  Calls come from core's assembler thread, one at a time. */
@ConsumerType
public interface Steering {
    /** Short and stable: {@code ebpf}, {@code bind}. */
    String id();

    /** Called before {@link #start} with the places of the steering in force, if there is one. They take connections until this one's first plan
     *  is in force; who listens at the same addresses may go on with {@link Place#listener() duplicates} of theirs. */
    default void follow(List<Place> before) {}

    /** Starts; places are announced to the observer now and later, on any thread. Closing ends every place and detaches
     *  (or leaves pins for a successor, as configured). */
    Registration start(PlaceObserver observer);

    /** Puts a plan in force; plans are whole, never deltas. What fails is counted, logged and shown in {@link #status()}; never thrown. */
    void apply(SteeringPlan plan);

    /** The event loops' heartbeat: called at least every 500 ms while every loop turns. Cheap, any thread. */
    default void heartbeat() {}

    SteeringStatus status();
}
