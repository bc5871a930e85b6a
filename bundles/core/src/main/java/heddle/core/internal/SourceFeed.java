package heddle.core.internal;

import heddle.api.source.RouteSource;
import heddle.api.source.SourceObserver;
import heddle.api.source.SourceState;
import java.util.Optional;

/** Core's ear for one source: keeps its last state, which stays in force while the source is stale. */
final class SourceFeed implements SourceObserver {
    private final RouteSource source;
    private final Runnable changed;
    private final String completes;
    private volatile Optional<SourceState> state = Optional.empty();
    private volatile String stale = "";
    private volatile boolean inForce;

    SourceFeed(RouteSource source, Runnable changed) {
        this(source, "", changed);
    }

    /** @param completes id of a source without which this one tells half a world; "" = none */
    SourceFeed(RouteSource source, String completes, Runnable changed) {
        this.source = source;
        this.completes = completes;
        this.changed = changed;
    }

    String completes() {
        return completes;
    }

    /** Whether a state of it has been put in force. */
    boolean inForce() {
        return inForce;
    }

    void putInForce() {
        inForce = true;
    }

    RouteSource source() {
        return source;
    }

    Optional<SourceState> state() {
        return state;
    }

    String stale() {
        return stale;
    }

    @Override public void onState(SourceState next) {
        state = Optional.of(next);
        stale = "";
        changed.run();
    }

    @Override public void onStale(String reason) {
        stale = reason.isEmpty() ? "no reason given" : reason;
        changed.run();
    }
}
