package heddle.source.kube.internal;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** One daemon of the cluster writes status: the holder of a Lease (coordination.k8s.io/v1). A holder that is gone is replaced after
 *  {@link #DURATION} at the latest; one that ends well gives the Lease back. Times are measured on this machine only, as client-go does,
 *  so clocks need not agree. Runs on one thread until interrupted; {@link #leads} may be asked by any. */
final class Leader implements Runnable {
    static final Duration DURATION = Duration.ofSeconds(12);
    private static final Duration RENEW = Duration.ofSeconds(4);
    private static final Duration GIVE_UP = Duration.ofSeconds(9);
    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final Logger LOG = System.getLogger(Leader.class.getName());

    private final KubeApi api;
    private final ApiGate gate;
    private final KubeMetrics metrics;
    private final String collection;
    private final String name;
    private final String identity;
    private final Duration pace;
    private final Runnable onLead;
    private volatile long renewedAt;
    private volatile boolean holding;
    private String seenVersion = "";
    private long seenAt;

    /** @param identity unique to this process: the node's name and something random
     *  @param pace how often to look; {@link #RENEW} but in tests
     *  @param onLead told when this daemon becomes leader */
    Leader(KubeApi api, ApiGate gate, KubeMetrics metrics, String namespace, String name, String identity, Duration pace, Runnable onLead) {
        this.api = api;
        this.gate = gate;
        this.metrics = metrics;
        this.collection = "/apis/coordination.k8s.io/v1/namespaces/" + namespace + "/leases";
        this.name = name;
        this.identity = identity;
        this.pace = pace;
        this.onLead = onLead;
    }

    static Duration pace() {
        return RENEW;
    }

    /** False also when the Lease could not be renewed for so long that another may take it soon. */
    boolean leads() {
        return holding && System.nanoTime() - renewedAt < GIVE_UP.toNanos();
    }

    @Override public void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                try {
                    turn();
                } catch (KubeException e) {
                    LOG.log(Level.DEBUG, "lease {0}: {1}", name, e.getMessage());
                    if (e.code() == 403) {
                        LOG.log(Level.WARNING, "no status is written: {0}", e.getMessage());
                        Thread.sleep(Duration.ofSeconds(30));
                    } else if (e.unreachable()) {
                        gate.await(e);
                    }
                }
                metrics.leader(leads());
                long millis = pace.toMillis();
                Thread.sleep(millis * 3 / 4 + ThreadLocalRandom.current().nextLong(millis / 4 + 1));
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Hands the Lease back, so that the next leader need not wait. */
    void release() {
        if (!holding) {
            return;
        }
        holding = false;
        try {
            Map<String, Object> lease = api.get(collection + "/" + name);
            if (holder(lease).equals(identity)) {
                api.send("PUT", collection + "/" + name, "application/json", Json.text(lease(lease, "", 1)));
            }
        } catch (KubeException e) {
            LOG.log(Level.DEBUG, "lease {0} not handed back: {1}", name, e.getMessage());
        }
    }

    private void turn() throws KubeException {
        Map<String, Object> lease;
        try {
            lease = api.get(collection + "/" + name);
        } catch (KubeException e) {
            if (e.code() != 404) {
                throw e;
            }
            api.send("POST", collection, "application/json", Json.text(lease(Map.of(), identity, DURATION.toSeconds())));
            lead();
            return;
        }
        String version = Fields.text(Fields.map(lease, "metadata"), "resourceVersion");
        if (!version.equals(seenVersion)) {
            seenVersion = version;
            seenAt = System.nanoTime();
        }
        String holder = holder(lease);
        long length = Math.max(1, Fields.number(Fields.map(lease, "spec"), "leaseDurationSeconds"));
        boolean free = holder.isEmpty() || System.nanoTime() - seenAt > Duration.ofSeconds(length).toNanos();
        if (!holder.equals(identity) && !free) {
            holding = false;
            return;
        }
        try {
            api.send("PUT", collection + "/" + name, "application/json", Json.text(lease(lease, identity, DURATION.toSeconds())));
            lead();
        } catch (KubeException e) {
            if (e.code() == 409) {
                holding = false;   // somebody was quicker
                return;
            }
            throw e;
        }
    }

    private void lead() {
        boolean before = leads();
        renewedAt = System.nanoTime();
        holding = true;
        if (!before) {
            LOG.log(Level.INFO, "this daemon writes status now (lease {0})", name);
            onLead.run();
        }
    }

    /** The time as a Lease writes it. */
    static String now() {
        return MICROS.format(Instant.now());
    }

    private static String holder(Map<String, Object> lease) {
        return Fields.text(Fields.map(lease, "spec"), "holderIdentity");
    }

    private Map<String, Object> lease(Map<String, Object> old, String holder, long seconds) {
        Map<String, Object> spec = new LinkedHashMap<>(Fields.map(old, "spec"));
        String now = now();
        if (!Fields.text(spec, "holderIdentity").equals(holder)) {
            spec.put("acquireTime", now);
            spec.put("leaseTransitions", Fields.number(spec, "leaseTransitions") + 1);
        }
        spec.put("holderIdentity", holder);
        spec.put("leaseDurationSeconds", seconds);
        spec.put("renewTime", now);
        Map<String, Object> meta = old.isEmpty() ? Map.of("name", name) : Fields.map(old, "metadata");
        return Map.of("apiVersion", "coordination.k8s.io/v1", "kind", "Lease", "metadata", meta, "spec", spec);
    }
}
