package heddle.api.plan;

import org.osgi.annotation.versioning.ProviderType;

/** Counts the requests of one backend, over all rules that lead there, and how many of its tries are retries (XBackendTrafficPolicy,
 *  SPEC.md T8). On event loops, many at once; wait-free. */
@ProviderType
public interface RetryBudget {
    /** No limit. */
    RetryBudget NONE = new RetryBudget() {
        @Override public void request() {}

        @Override public boolean retry() {
            return true;
        }
    };

    /** A request goes to the backend: its first try. */
    void request();

    /** Asks for a further try and counts it; false = over budget, answer 503. */
    boolean retry();
}
