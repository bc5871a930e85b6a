package heddle.api.plan;

import heddle.api.match.RequestHead;
import org.osgi.annotation.versioning.ProviderType;
import org.jspecify.annotations.Nullable;

/** What one Service port remembers of its requests for the operator: a sample of heads, and the answers that somebody may ask about.
 *  On event loops, many at once: never blocks, and copies a head only when the log wants it. Heads are valid during the call. */
@ProviderType
public interface RequestLog {
    /** Whether a head is wanted now: a read and a comparison. @param nanos of {@link System#nanoTime} */
    boolean wants(long nanos);

    /** Takes the head of a request that has just come. */
    void seen(RequestHead head);

    /** A request got an answer of our own, was broken off, or its backend answered 404 or 5xx.
     *  @param head   as filters have left it
     *  @param target as received
     *  @param rule   that it matched; null = none
     *  @param status that the client got; 0 = none
     *  @param reason {@link Failure#reason}, a filter's own, {@code backend} or {@code broken-off} */
    void failed(RequestHead head, String target, @Nullable RulePlan rule, int status, String reason);

    /** Remembers nothing. */
    RequestLog OFF = new RequestLog() {
        @Override public boolean wants(long nanos) {
            return false;
        }

        @Override public void seen(RequestHead head) {}

        @Override public void failed(RequestHead head, String target, @Nullable RulePlan rule, int status, String reason) {}
    };
}
