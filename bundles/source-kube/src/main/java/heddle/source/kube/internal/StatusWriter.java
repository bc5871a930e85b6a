package heddle.source.kube.internal;

import heddle.api.model.ObjectKey;
import heddle.api.source.Condition;
import heddle.api.source.ObjectStatus;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Brings the status in the API server to what core reports: one merge patch an object whose status differs, with its resourceVersion as
 *  the condition, so that nobody's write is lost. Each object is in the queue at most once, whatever happened to it meanwhile. A few
 *  workers share one pace. Everything is compared with what the watch showed, so nothing is read for it.
 *  Other daemons keep the same picture and write nothing, until they lead. */
final class StatusWriter implements AutoCloseable {
    private static final Logger LOG = System.getLogger(StatusWriter.class.getName());
    private static final int WORKERS = 8;
    /** Between two writes of all workers together; 250 a second at most. */
    private static final Duration PACE = Duration.ofMillis(4);
    private static final Duration RETRY = Duration.ofMillis(500);

    private final KubeApi api;
    private final ApiGate gate;
    private final KubeMetrics metrics;
    private final Function<ObjectKey, Optional<Held>> live;
    private final BooleanSupplier leads;
    private final Programmed programmed;
    private final Map<String, Resource> resources = Resource.all("").stream().collect(Collectors.toMap(Resource::kind, each -> each));
    private final Map<ObjectKey, ObjectStatus> desired = new ConcurrentHashMap<>();
    /** The resourceVersion on which each was written last: while the watch shows that one still, there is nothing to compare with. */
    private final Map<ObjectKey, String> written = new ConcurrentHashMap<>();
    /** Guarded by itself; in order of coming. */
    private final Set<ObjectKey> queue = new LinkedHashSet<>();
    private final Set<ObjectKey> inWork = new HashSet<>();
    private final List<Thread> threads;
    private long nextWrite = System.nanoTime();

    StatusWriter(KubeApi api, ApiGate gate, KubeMetrics metrics, Function<ObjectKey, Optional<Held>> live, BooleanSupplier leads, Programmed programmed) {
        this.api = api;
        this.gate = gate;
        this.metrics = metrics;
        this.live = live;
        this.leads = leads;
        this.programmed = programmed;
        threads = java.util.stream.IntStream.range(0, WORKERS)
                .mapToObj(each -> Thread.ofVirtual().name("heddle-kube-status-" + each).start(this::run)).toList();
    }

    /** What core found; never blocks. */
    void report(Collection<ObjectStatus> changed) {
        changed.stream().filter(each -> resources.containsKey(each.key().kind())).forEach(each -> {
            desired.put(each.key(), each);
            enqueue(each.key());
        });
    }

    /** The API server showed another form of the object. */
    void seen(ObjectKey key) {
        if (desired.containsKey(key)) {
            enqueue(key);
        }
    }

    void gone(ObjectKey key) {
        desired.remove(key);
        written.remove(key);
    }

    /** This daemon leads now: everything may be to write. */
    void checkAll() {
        desired.keySet().forEach(this::enqueue);
    }

    @Override public void close() {
        threads.forEach(Thread::interrupt);
    }

    private void enqueue(ObjectKey key) {
        synchronized (queue) {
            if (queue.add(key)) {
                queue.notify();
            }
        }
    }

    private void run() {
        try {
            while (true) {
                ObjectKey key = next();
                try {
                    if (leads.getAsBoolean()) {
                        write(key);
                    }
                } catch (KubeException e) {
                    metrics.statusWrite(e.code() == 409 ? "conflict" : "failed");
                    if (e.unreachable()) {
                        gate.await(e);
                        enqueue(key);
                    } else if (e.code() == 409) {
                        later(key);   // or earlier, when the watch shows what came between
                    } else if (e.code() != 404) {
                        LOG.log(Level.WARNING, "status of {0}: {1}", key, e.getMessage());
                    }
                } catch (RuntimeException e) {
                    LOG.log(Level.ERROR, "status of " + key, e);
                } finally {
                    done(key);
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private ObjectKey next() throws InterruptedException {
        synchronized (queue) {
            while (true) {
                // one writer an object at a time: two would only run into each other's conflict
                for (ObjectKey key : queue) {
                    if (inWork.add(key)) {
                        queue.remove(key);
                        return key;
                    }
                }
                queue.wait();
            }
        }
    }

    private void done(ObjectKey key) {
        synchronized (queue) {
            inWork.remove(key);
            queue.notifyAll();
        }
    }

    private void later(ObjectKey key) {
        Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(RETRY);
                enqueue(key);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void write(ObjectKey key) throws KubeException, InterruptedException {
        ObjectStatus wanted = desired.get(key);
        Optional<Held> held = live.apply(key);
        if (wanted == null || held.isEmpty()) {
            return;
        }
        if (held.get().resourceVersion().equals(written.get(key))) {
            return;   // the watch will show it, and bring us here again
        }
        boolean policy = key.kind().endsWith("Policy");
        List<Map<String, Object>> merged = ParentStatus.merge(held.get().parents(), policy ? wanted.parents() : withProgrammed(wanted, held.get()), policy ? "ancestorRef" : "parentRef", Instant.now());
        if (merged.equals(held.get().parents())) {
            return;
        }
        pace();
        Map<String, Object> patch = new LinkedHashMap<>();
        patch.put("metadata", Map.of("resourceVersion", held.get().resourceVersion()));
        patch.put("status", Map.of(policy ? "ancestors" : "parents", merged));
        api.send("PATCH", resources.get(key.kind()).path(held.get().version(), key.namespace(), key.name()) + "/status",
                "application/merge-patch+json", Json.text(patch));
        written.put(key, held.get().resourceVersion());
        metrics.statusWrite("written");
    }

    /** Accepted entries say too where they are in force. That the number of nodes has changed is no reason for a write while all of them
     *  carry the route: else a node that comes would have every status written anew. */
    private List<ObjectStatus.Parent> withProgrammed(ObjectStatus wanted, Held held) {
        return wanted.parents().stream().map(parent -> {
            if (parent.conditions().stream().noneMatch(each -> each.type().equals("Accepted") && each.isTrue())) {
                return parent;
            }
            boolean reported = parent.conditions().getFirst().observedGeneration() == held.generation();
            Condition now = programmed.condition(held.generation(), held.specVersion(), reported);
            Condition last = ParentStatus.condition(held.parents(), parent.ref(), Programmed.TYPE)
                    .filter(each -> now.isTrue() && each.isTrue() && each.observedGeneration() == now.observedGeneration()).orElse(now);
            return new ObjectStatus.Parent(parent.ref(), Stream.concat(parent.conditions().stream(), Stream.of(last)).toList());
        }).toList();
    }

    private void pace() throws InterruptedException {
        long wait;
        synchronized (threads) {
            long now = System.nanoTime();
            nextWrite = Math.max(nextWrite, now - PACE.toNanos() * 50);   // a burst of 50
            wait = nextWrite - now;
            nextWrite += PACE.toNanos();
        }
        if (wait > 0) {
            Thread.sleep(Duration.ofNanos(wait));
        }
    }
}
