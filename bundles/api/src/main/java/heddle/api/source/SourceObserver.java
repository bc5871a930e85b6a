package heddle.api.source;

import org.osgi.annotation.versioning.ProviderType;

/** Core's ear for one source. Any thread; returns at once. */
@ProviderType
public interface SourceObserver {
    /** Read at once, on the caller's thread. One that throws counts as {@link #onStale}: the state before stays in force. */
    void onState(SourceState state);

    /** The source cannot refresh; its last state stays in force, and readiness says so until the next {@code onState}. */
    void onStale(String reason);
}
