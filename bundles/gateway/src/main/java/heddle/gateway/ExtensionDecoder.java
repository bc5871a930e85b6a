package heddle.gateway;

import heddle.api.model.CustomObject;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** Checks a vendor's own kind, so that its mistakes are named with file, line and field like everybody's. A service; called on source
 *  threads, several at once; must not block. Objects of kinds without one are taken as they are. */
@ConsumerType
public interface ExtensionDecoder {
    /** {@code group/Kind}. */
    String type();

    /** What is wrong with the object; empty when it is good. */
    List<Fault> check(CustomObject object);

    /** @param field   the path below the object, {@code spec.limits[0].count}; "" for the whole
     *  @param message the value and what was expected */
    record Fault(String field, String message) {}
}
