package heddle.source.file.internal;

import heddle.api.source.Registration;
import heddle.api.source.SourceObserver;
import heddle.api.source.SourceState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Those who listen to a source. Calls to them never overlap; a newcomer gets the last state at once. */
final class Observers {
    private final List<SourceObserver> observers = new ArrayList<>();
    private @Nullable SourceState state;
    private String stale = "";

    synchronized Registration add(SourceObserver observer) {
        observers.add(observer);
        if (state != null) {
            observer.onState(state);
        }
        if (!stale.isEmpty()) {
            observer.onStale(stale);
        }
        return () -> remove(observer);
    }

    private synchronized void remove(SourceObserver observer) {
        observers.remove(observer);
    }

    synchronized void state(SourceState next) {
        state = next;
        stale = "";
        tell(observer -> observer.onState(next));
    }

    synchronized void stale(String reason) {
        stale = reason;
        tell(observer -> observer.onStale(reason));
    }

    private void tell(Consumer<SourceObserver> message) {
        List.copyOf(observers).forEach(message);
    }
}
