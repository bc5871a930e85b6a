package heddle.source.kube.internal;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** Says in a Lease of this node how far this daemon has come: the resourceVersion up to which all routes are in force here. One Lease for
 *  each node, as kubelet has one; renewed each 10 s, and sooner when there is news, but so that all nodes together stay below 50 writes a
 *  second. Runs on one thread until interrupted. */
final class NodeReport implements Runnable {
    static final String LABEL = "heddle.io/mesh";
    static final String IN_FORCE = "heddle.io/in-force";
    static final Duration LENGTH = Duration.ofSeconds(40);
    private static final Duration RENEW = Duration.ofSeconds(10);
    private static final Logger LOG = System.getLogger(NodeReport.class.getName());

    private final KubeApi api;
    private final ApiGate gate;
    private final String collection;
    private final String name;
    private final String mesh;
    private final String node;
    private final LongSupplier inForce;
    private final IntSupplier nodes;
    private final BooleanSupplier givenUp;

    /** @param inForce what to report
     *  @param nodes how many nodes report
     *  @param givenUp whether another daemon of this node gave the Lease up */
    NodeReport(KubeApi api, ApiGate gate, String namespace, String mesh, String node, LongSupplier inForce, IntSupplier nodes, BooleanSupplier givenUp) {
        this.api = api;
        this.gate = gate;
        this.collection = "/apis/coordination.k8s.io/v1/namespaces/" + namespace + "/leases";
        this.name = mesh + "-node-" + node;
        this.mesh = mesh;
        this.node = node;
        this.inForce = inForce;
        this.nodes = nodes;
        this.givenUp = givenUp;
    }

    @Override public void run() {
        long said = -1;
        long saidAt = 0;
        try {
            while (!Thread.currentThread().isInterrupted()) {
                long now = inForce.getAsLong();
                // before the first state this node carries nothing, and would have every route's condition turn False
                if (now > 0 && (now != said || givenUp.getAsBoolean() || System.nanoTime() - saidAt > RENEW.toNanos())) {
                    try {
                        write(node, now);
                        said = now;
                        saidAt = System.nanoTime();
                    } catch (KubeException e) {
                        LOG.log(Level.DEBUG, "lease {0}: {1}", name, e.getMessage());
                        if (e.unreachable()) {
                            gate.await(e);
                        } else if (e.code() == 403) {
                            Thread.sleep(Duration.ofSeconds(30));
                        }
                    }
                }
                Thread.sleep(Math.max(500, nodes.getAsInt() * 20L));
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** This node no longer counts. */
    void leave() {
        try {
            write("", inForce.getAsLong());
        } catch (KubeException e) {
            LOG.log(Level.DEBUG, "lease {0} not left: {1}", name, e.getMessage());
        }
    }

    private void write(String holder, long version) throws KubeException {
        Map<String, Object> spec = Map.of("holderIdentity", holder, "leaseDurationSeconds", LENGTH.toSeconds(), "renewTime", Leader.now());
        Map<String, Object> meta = Map.of("name", name, "labels", Map.of(LABEL, mesh), "annotations", Map.of(IN_FORCE, Long.toString(version)));
        Map<String, Object> lease = Map.of("apiVersion", "coordination.k8s.io/v1", "kind", "Lease", "metadata", meta, "spec", spec);
        try {
            api.send("PATCH", collection + "/" + name, "application/merge-patch+json", Json.text(lease));
        } catch (KubeException e) {
            if (e.code() != 404) {
                throw e;
            }
            api.send("POST", collection, "application/json", Json.text(lease));
        }
    }
}
