package heddle.api.source;

import java.util.Collection;
import org.osgi.annotation.versioning.ConsumerType;

/** Delivers the mesh's objects: whole states, never deltas; unchanged objects are the same instances, so that core compares by reference.
 *  Registered as a service; of two sources that have the same object the higher {@code service.ranking} wins. */
@ConsumerType
public interface RouteSource {
    /** Short and stable, for messages: {@code file}, {@code kube}. */
    String id();

    /** Starts delivery. The first {@code onState} may come before this returns, on any thread; calls never overlap. */
    Registration subscribe(SourceObserver observer);

    /** Conditions of this source's own objects that changed; called on core's assembler thread, must not block. */
    default void report(Collection<ObjectStatus> changed) {}

    /** Everything of the state with this revision, and so of all before it, is in force: published, and steered where it is to be. After
     *  {@link #report}, on core's assembler thread, must not block. */
    default void inForce(long revision) {}
}
