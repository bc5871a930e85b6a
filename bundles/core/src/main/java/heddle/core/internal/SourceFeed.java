package heddle.core.internal;

import heddle.api.source.RouteSource;
import heddle.api.source.SourceObserver;
import heddle.api.source.SourceState;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;

/** Core's ear for one source: keeps its last state that could be read, which stays in force while the source is stale. */
final class SourceFeed implements SourceObserver {
    private static final Logger LOG = System.getLogger(SourceFeed.class.getName());
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
        try {
            state = Optional.of(ReadState.of(next));
            stale = "";
        } catch (RuntimeException | Error fault) {
            LOG.log(Level.ERROR, "a state of source " + source.id() + " cannot be read, the one before stays in force: " + fault, fault);
            stale = "its state cannot be read: " + fault;
        }
        changed.run();
    }

    @Override public void onStale(String reason) {
        stale = reason.isEmpty() ? "no reason given" : reason;
        changed.run();
    }
}
