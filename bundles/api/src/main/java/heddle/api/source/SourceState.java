package heddle.api.source;

import heddle.api.model.MeshObject;
import java.util.Collection;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** One whole, immutable state of a source. An interface, because kinds will be added. */
@ConsumerType
public interface SourceState {
    /** Grows with every state. */
    long revision();

    /** All objects of one kind; empty when there are none or the source does not know the kind. */
    <T extends MeshObject> Collection<T> all(Class<T> kind);

    /** What could not be read, each naming file or object and field; shown by {@code status}. Objects keep their last good state. */
    default List<SourceProblem> problems() {
        return List.of();
    }

    /** What a user may want to know and is no problem: kinds passed over, hand-written EndpointSlices that win. */
    default List<SourceProblem> notes() {
        return List.of();
    }
}
