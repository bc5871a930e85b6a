package heddle.api.policy;

/** How an exchange (or one try of it) ended. */
public enum Outcome {
    /** A response came to its end, whatever its status. */
    COMPLETED,
    /** Answered by the data plane itself: no route, invalid backend, a filter's reply. */
    ANSWERED,
    CONNECT_FAILED,
    NO_ENDPOINT,
    /** Reset or garbage before the response head. */
    BROKEN_BEFORE_HEAD,
    /** Broken off after the head. */
    BROKEN_AFTER_HEAD,
    TIMED_OUT,
    CLIENT_GONE
}
