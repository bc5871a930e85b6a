package heddle.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.model.MeshObject;
import heddle.api.model.ObjectKey;
import heddle.api.source.SourceObserver;
import heddle.api.source.SourceProblem;
import heddle.api.source.SourceState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/** Collects a source's states and waits for one that is as expected. States may come on any thread; one thread waits. */
public final class SourceListener implements SourceObserver {
    private static final SourceState NOTHING = new SourceState() {
        @Override public long revision() {
            return 0;
        }

        @Override public <T extends MeshObject> Collection<T> all(Class<T> kind) {
            return List.of();
        }
    };
    private final LinkedBlockingQueue<SourceState> states = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<String> stale = new LinkedBlockingQueue<>();
    private final AtomicBoolean calling = new AtomicBoolean();
    private volatile boolean overlapped;
    private SourceState last = NOTHING;

    @Override public void onState(SourceState state) {
        overlapped |= calling.getAndSet(true);
        states.add(state);
        calling.set(false);
    }

    @Override public void onStale(String reason) {
        overlapped |= calling.getAndSet(true);
        stale.add(reason);
        calling.set(false);
    }

    /** The last state, or the first one from now on, that satisfies the condition; each must have a higher revision than the one before. */
    public SourceState await(Predicate<SourceState> condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (last == NOTHING || !condition.test(last)) {
            SourceState next = states.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (next == null) throw new AssertionError("not within 20 s; last state: " + keys(last) + " " + last.problems().stream().map(SourceProblem::toString).toList() + " stale: " + stale);
            assertThat(next.revision()).as("revisions grow").isGreaterThan(last.revision());
            last = next;
        }
        return last;
    }

    /** Every state that came and was not waited for, oldest first. */
    public List<SourceState> drain() {
        List<SourceState> drained = new ArrayList<>();
        states.drainTo(drained);
        return drained;
    }

    /** Reasons of {@code onStale} so far. */
    public List<String> stale() {
        return List.copyOf(stale);
    }

    /** Whether two calls came at once, which the contract forbids. */
    public boolean overlapped() {
        return overlapped;
    }

    public static List<ObjectKey> keys(SourceState state) {
        return state.all(MeshObject.class).stream().map(MeshObject::key).sorted().toList();
    }

    public static <T extends MeshObject> T one(SourceState state, Class<T> kind, String name) {
        Collection<T> found = state.all(kind).stream().filter(object -> object.name().equals(name)).toList();
        assertThat(found).as(name).hasSize(1);
        return found.iterator().next();
    }

    public static boolean has(SourceState state, String kind, String name) {
        return state.all(MeshObject.class).stream().anyMatch(object -> object.key().kind().equals(kind) && object.name().equals(name));
    }
}
