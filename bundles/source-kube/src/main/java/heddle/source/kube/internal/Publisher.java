package heddle.source.kube.internal;

import heddle.api.model.MeshObject;
import heddle.api.model.Route;
import heddle.api.model.Workload;
import heddle.api.source.Registration;
import heddle.api.source.SourceObserver;
import heddle.api.source.SourceProblem;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Makes states out of the store and gives them to core, on one thread: whatever changes while a state is handed over is in the next one.
 *  The first state waits until each kind was listed or is known to be missing. */
final class Publisher implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Publisher.class.getName());

    private final ObjectStore store;
    private final PodWorkloads pods;
    private final KubeMetrics metrics;
    private final Semaphore wake = new Semaphore(0);
    private final Set<String> awaited = new HashSet<>();
    private final Map<String, String> missing = new TreeMap<>();
    private final Set<SourceObserver> observers = new java.util.LinkedHashSet<>();
    private @Nullable KubeState state;
    private String stale = "";
    private List<Workload> workloads = List.of();
    private long revision;
    /** @param version the highest resourceVersion that it holds
     *  @param began   when the first change that it holds was read, 0 = none */
    private record Pending(long version, long began) {}

    /** Revisions that core has not yet in force. */
    private final TreeMap<Long, Pending> pending = new TreeMap<>();
    private final AtomicLong firstChange = new AtomicLong();
    private long inForce;
    private long atRest;
    private final Thread thread;

    Publisher(ObjectStore store, PodWorkloads pods, KubeMetrics metrics) {
        this.store = store;
        this.pods = pods;
        this.metrics = metrics;
        Resource.all("").stream().filter(each -> !each.metadataOnly()).forEach(each -> awaited.add(each.kind()));
        thread = Thread.ofPlatform().daemon().name("heddle-kube-publish").start(this::run);
    }

    void changed() {
        firstChange.compareAndSet(0, System.nanoTime());
        wake.release();
    }

    /** Before its objects are in the store: a state that has them must not say that their kind is missing. */
    synchronized void served(String kind) {
        missing.remove(kind);
    }

    synchronized void listed(String kind) {
        awaited.remove(kind);
        wake.release();
    }

    /** @param wait true when the kind is one that no mesh can do without */
    synchronized void missing(String kind, String reason, boolean wait) {
        if (!wait) {
            awaited.remove(kind);
        }
        missing.put(kind, reason);
        wake.release();
    }

    /** The API server is away; "" when it is back. */
    synchronized void stale(String reason) {
        stale = reason;
        metrics.stale(!reason.isEmpty());
        if (reason.isEmpty()) {
            wake.release();
            return;
        }
        LOG.log(Level.WARNING, "API server not reached, the last state stays in force: {0}", reason);
        observers.forEach(each -> each.onStale(reason));
    }

    synchronized String staleReason() {
        return stale;
    }

    /** Core has all of a state in force. */
    synchronized void inForce(long reached) {
        Map<Long, Pending> done = pending.headMap(reached, true);
        for (Pending each : done.values()) {
            inForce = Math.max(inForce, each.version());
            if (each.began() != 0) {
                metrics.propagated(System.nanoTime() - each.began());
            }
        }
        done.clear();
    }

    /** The resourceVersion up to which all routes are in force here. */
    synchronized long inForce() {
        if (pending.isEmpty() && wake.availablePermits() == 0 && state != null) {
            inForce = Math.max(inForce, atRest);   // what came since changed nothing
        }
        atRest = pending.isEmpty() && wake.availablePermits() == 0 ? store.highest() : 0;
        return inForce;
    }

    synchronized Registration subscribe(SourceObserver observer) {
        observers.add(observer);
        KubeState last = state;
        if (last != null) {
            observer.onState(last);
        }
        if (!stale.isEmpty()) {
            observer.onStale(stale);
        }
        return () -> {
            synchronized (this) {
                observers.remove(observer);
            }
        };
    }

    @Override public void close() {
        thread.interrupt();
    }

    private void run() {
        while (true) {
            try {
                wake.acquire();
                wake.drainPermits();
                publish();
            } catch (InterruptedException stopped) {
                return;
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "a state could not be published", e);
            }
        }
    }

    private synchronized void publish() {
        if (!awaited.isEmpty() || !stale.isEmpty()) {
            return;
        }
        long began = firstChange.getAndSet(0);
        long highest = store.highest();   // before the objects, so that they hold at least that
        Map<Class<?>, List<MeshObject>> objects = new HashMap<>(store.objects());
        objects.replaceAll((kind, all) -> Route.class.isAssignableFrom(kind) ? all.stream().filter(each -> pods.serves(each.namespace())).toList() : all);
        List<Workload> now = pods.workloads();
        workloads = now.equals(workloads) ? workloads : now;
        objects.put(Workload.class, List.copyOf(workloads));
        List<SourceProblem> problems = new ArrayList<>(store.problems());
        missing.forEach((kind, reason) -> problems.add(new SourceProblem("kubernetes", kind, "", reason)));
        KubeState next = new KubeState(++revision, objects, problems);
        if (state == null) {
            LOG.log(Level.INFO, "first state from the API server: {0}, {1} workloads of this node", store.counts(), workloads.size());
        }
        state = next;
        pending.put(revision, new Pending(highest, began));
        store.counts().forEach(metrics::objects);
        metrics.objects("Workload", workloads.size());
        observers.forEach(each -> each.onState(next));
    }
}
