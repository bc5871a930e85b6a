package heddle.api.plan;

import heddle.api.policy.Filter;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/** A plugin's filter that does not run on the event loop, as core gives it to forwarders: its calls go through {@link #call}, which
 *  keeps what the plugin does wrong away from others. {@code body()} and {@code seesResponse()} are answered at once. */
@ProviderType
public interface PluginFilter extends Filter {
    /** Runs one call of this filter on its bundle's executor. {@code end} is told exactly once, on any thread.
     *  @param work calls {@code onRequest} or {@code onResponse} of this object */
    void call(Runnable work, End end);

    /** Whether a fault lets the request go on instead of answering 500: the resource's annotation {@code heddle.io/on-fault: continue}. */
    boolean passedOnFault();

    /** How a call ended. */
    @FunctionalInterface
    interface End {
        /** @param fault   null: it returned
         *  @param running the work still runs: what it holds (the request's head) must not be reused or read */
        void ended(@Nullable Throwable fault, boolean running);
    }
}
