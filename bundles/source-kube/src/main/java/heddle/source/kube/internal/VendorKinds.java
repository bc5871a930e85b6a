package heddle.source.kube.internal;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Watches of the kinds that vendors' bundles decode, one thread each. They are known by group and Kind; version and plural are asked of the
 *  server, again when a CRD appears and each 30 s. */
final class VendorKinds implements AutoCloseable {
    private static final Logger LOG = System.getLogger(VendorKinds.class.getName());
    private static final Duration RECHECK = Duration.ofSeconds(30);

    private final KubeApi api;
    private final ApiGate gate;
    private final KubeMetrics metrics;
    private final KindWatch.Sink sink;
    private final Consumer<Resource> left;
    private final Map<String, Kind> followed = new HashMap<>();

    /** @param left told of a kind that is no longer watched */
    VendorKinds(KubeApi api, ApiGate gate, KubeMetrics metrics, KindWatch.Sink sink, Consumer<Resource> left) {
        this.api = api;
        this.gate = gate;
        this.metrics = metrics;
        this.sink = sink;
        this.left = left;
    }

    /** Starts and ends watches so that they are those of these types.
     *  @param types {@code group/Kind} each */
    synchronized void follow(Set<String> types) {
        for (String type : Set.copyOf(followed.keySet())) if (!types.contains(type)) followed.remove(type).end();
        for (String type : types) followed.computeIfAbsent(type, Kind::new);
    }

    /** A CRD changed. */
    synchronized void poke() {
        followed.values().forEach(Kind::poke);
    }

    @Override public synchronized void close() {
        followed.values().forEach(each -> each.thread.interrupt());
        followed.clear();
    }

    private final class Kind {
        private final String group;
        private final String name;
        private final Semaphore poked = new Semaphore(0);
        private final Thread thread;
        private volatile @Nullable Resource resource;
        private volatile @Nullable KindWatch watch;

        Kind(String type) {
            group = type.substring(0, Math.max(0, type.indexOf('/')));
            name = type.substring(type.indexOf('/') + 1);
            thread = Thread.ofVirtual().name("heddle-kube-" + type).start(this::run);
        }

        void poke() {
            poked.release();
            KindWatch now = watch;
            if (now != null) now.poke();
        }

        private void run() {
            try {
                Optional<Resource> found = find();
                while (found.isEmpty()) {
                    poked.tryAcquire(RECHECK.toMillis(), TimeUnit.MILLISECONDS);
                    poked.drainPermits();
                    found = find();
                }
                KindWatch started = new KindWatch(api, gate, metrics, found.get(), sink);
                resource = found.get();
                watch = started;
                started.run();
            } catch (InterruptedException ended) {
                // nobody decodes it any more
            }
        }

        private Optional<Resource> find() throws InterruptedException {
            while (true) {
                try {
                    String version = Fields.text(Fields.map(api.get("/apis/" + group), "preferredVersion"), "version");
                    for (Map<String, Object> each : Fields.list(api.get("/apis/" + group + "/" + version), "resources")) {
                        String plural = Fields.text(each, "name");
                        if (name.equals(Fields.text(each, "kind")) && plural.indexOf('/') < 0) return Optional.of(new Resource(name, group, List.of(version), plural, false, "", "", false));
                    }
                    return Optional.empty();
                } catch (KubeException failed) {
                    if (!failed.unreachable()) {
                        LOG.log(Level.INFO, "{0}/{1}, which a plugin decodes, is not served: {2}", group, name, failed.getMessage());
                        return Optional.empty();
                    }
                    gate.await(failed);
                }
            }
        }

        void end() {
            thread.interrupt();
            try {
                thread.join(Duration.ofSeconds(2));
            } catch (InterruptedException hurry) {
                Thread.currentThread().interrupt();
            }
            Resource gone = resource;
            if (gone != null) left.accept(gone);
        }
    }
}
