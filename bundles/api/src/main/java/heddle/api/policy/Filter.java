package heddle.api.policy;

import org.osgi.annotation.versioning.ConsumerType;

/** One filter of a rule or backendRef. Vendors' filters run on a plugin executor, those declared {@link OnLoop} on the event loop,
 *  where they must not block. Many exchanges at once use one instance. */
@ConsumerType
public interface Filter extends AutoCloseable {
    /** Request side, in rule order. The edit and the exchange are valid until the returned action's stage completes. */
    FilterAction onRequest(RequestEdit request, Exchange exchange);

    /** Response side, in reverse order; also for answers made by a filter further down the chain. */
    default void onResponse(ResponseEdit response, Exchange exchange) {}

    /** What it wants of the request's body; NONE costs nothing. Asked once, when the plan is built. */
    default BodyNeed body() {
        return BodyNeed.NONE;
    }

    /** False lets the forwarder skip the response side. Asked once, when the plan is built. */
    default boolean seesResponse() {
        return false;
    }

    @Override default void close() {}
}
