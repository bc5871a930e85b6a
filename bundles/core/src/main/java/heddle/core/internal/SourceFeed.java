package heddle.core.internal;

import heddle.api.source.RouteSource;
import heddle.api.source.SourceObserver;
import heddle.api.source.SourceState;
import java.util.Optional;

/** Core's ear for one source: keeps its last state, which stays in force while the source is stale. */
final class SourceFeed implements SourceObserver {
    private final RouteSource source;
    private final Runnable changed;
    private volatile Optional<SourceState> state = Optional.empty();
    private volatile String stale = "";

    SourceFeed(RouteSource source, Runnable changed) {
        this.source = source;
        this.changed = changed;
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
