package heddle.source.file.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.model.MeshObject;
import heddle.api.model.ObjectKey;
import heddle.api.source.SourceObserver;
import heddle.api.source.SourceState;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Collects states and waits for one that is as expected. */
final class Listener implements SourceObserver {
    private final LinkedBlockingQueue<SourceState> states = new LinkedBlockingQueue<>();
    private SourceState last = new FileState(0, List.of(), List.of(), List.of());

    @Override public void onState(SourceState state) {
        states.add(state);
    }

    @Override public void onStale(String reason) {
        throw new AssertionError("stale: " + reason);
    }

    /** The first state from now on, or the last one, that satisfies the condition. */
    SourceState await(Predicate<SourceState> condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.test(last)) {
            SourceState next = states.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (next == null) {
                throw new AssertionError("not within 20 s; last state: " + keys(last) + " " + last.problems());
            }
            assertThat(next.revision()).isGreaterThan(last.revision());
            last = next;
        }
        return last;
    }

    /** Every state that came, oldest first, from the queue. */
    List<SourceState> drain() {
        java.util.ArrayList<SourceState> drained = new java.util.ArrayList<>();
        states.drainTo(drained);
        return drained;
    }

    static List<ObjectKey> keys(SourceState state) {
        return state.all(MeshObject.class).stream().map(MeshObject::key).sorted().toList();
    }

    static <T extends MeshObject> T one(SourceState state, Class<T> kind, String name) {
        Collection<T> found = state.all(kind).stream().filter(object -> object.name().equals(name)).toList();
        assertThat(found).as(name).hasSize(1);
        return found.iterator().next();
    }

    static boolean has(SourceState state, String kind, String name) {
        return state.all(MeshObject.class).stream().anyMatch(object -> object.key().kind().equals(kind) && object.name().equals(name));
    }
}
