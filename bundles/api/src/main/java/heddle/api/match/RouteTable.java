package heddle.api.match;

import org.osgi.annotation.versioning.ConsumerType;

/** A compiled route set: immutable, shared by all event loops. */
@ConsumerType
public interface RouteTable {
    int NO_MATCH = -1;

    /** The best candidate's rule, or {@link #NO_MATCH}. On event loops; cost must not grow with the number of routes. */
    int match(RequestHead head);

    /** The same decision with its reasons. Off the event loops; may be slow. */
    Explanation explain(RequestHead head);
}
