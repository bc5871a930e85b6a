package heddle.api.match;

import heddle.api.model.CustomObject;
import java.util.function.Predicate;
import org.osgi.annotation.versioning.ConsumerType;

/** A vendor's match kind, attached by annotation {@code heddle.io/match.<rule name>: <Kind>.<group>/<name>}. */
@ConsumerType
public interface PredicateFactory {
    /** {@code group/Kind}. */
    String type();

    /** @throws IllegalArgumentException naming the bad field of {@code spec}; the rule then answers 500 */
    Predicate<RequestHead> create(CustomObject spec);
}
