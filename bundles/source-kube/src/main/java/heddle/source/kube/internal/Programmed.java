package heddle.source.kube.internal;

import heddle.api.source.Condition;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Our condition {@code heddle.io/Programmed}: True when every node of the mesh carries a route's generation. Accepted says only that the
 *  route makes sense (gateway-api#4980); this says that it is in force. Nodes tell by their Leases how far they are (see
 *  {@link NodeReport}); the node that asks knows of itself without. Any thread. */
final class Programmed {
    static final String TYPE = "heddle.io/Programmed";

    /** @param seenAt when the Lease last changed, by this machine's clock
     *  @param lapsed not renewed for its length since: the node does not count, until its Lease changes */
    private record Node(long inForce, String resourceVersion, long seenAt, boolean lapsed) {}

    private final String ownLease;
    private final LongSupplier ownInForce;
    private final Duration length;
    private final Map<String, Node> nodes = new HashMap<>();
    private boolean ownGivenUp;

    /** @param length how long a Lease counts after its last change */
    Programmed(String ownLease, LongSupplier ownInForce, Duration length) {
        this.ownLease = ownLease;
        this.ownInForce = ownInForce;
        this.length = length;
    }

    synchronized boolean listed(List<Map<String, Object>> leases) {
        boolean other = nodes.keySet().retainAll(leases.stream().map(Programmed::name).toList());
        for (Map<String, Object> lease : leases) {
            other |= changed(lease);
        }
        return other;
    }

    /** @return true when conditions may be other ones now; a renewal alone is none, nor is news of this node, which is known without */
    synchronized boolean changed(Map<String, Object> lease) {
        if (name(lease).equals(ownLease)) {
            ownGivenUp |= Fields.text(Fields.map(lease, "spec"), "holderIdentity").isEmpty();
            return false;
        }
        if (Fields.text(Fields.map(lease, "spec"), "holderIdentity").isEmpty()) {
            return nodes.remove(name(lease)) != null;
        }
        String version = Fields.text(Fields.map(lease, "metadata"), "resourceVersion");
        Node before = nodes.get(name(lease));
        if (before != null && before.resourceVersion().equals(version)) {
            return false;
        }
        long inForce = number(Fields.text(Fields.map(lease, "metadata", "annotations"), NodeReport.IN_FORCE));
        nodes.put(name(lease), new Node(inForce, version, System.nanoTime(), false));
        notifyAll();
        return before == null || before.lapsed() || before.inForce() != inForce;
    }

    /** Comes back when a node has stopped counting because its Lease ran out: nothing else tells of that. Sleeps until the first Lease may
     *  have run out, and only wakes then. */
    synchronized void awaitLapse() throws InterruptedException {
        while (!lapse(System.nanoTime())) {
            long now = System.nanoTime();
            OptionalLong left = nodes.values().stream().filter(each -> !each.lapsed()).mapToLong(each -> length.toNanos() - (now - each.seenAt())).min();
            if (left.isEmpty()) {
                wait();
            } else {
                TimeUnit.NANOSECONDS.timedWait(this, Math.max(left.getAsLong(), 1_000_000));
            }
        }
    }

    private boolean lapse(long now) {
        boolean any = false;
        for (Map.Entry<String, Node> entry : nodes.entrySet()) {
            Node node = entry.getValue();
            if (!node.lapsed() && now - node.seenAt() >= length.toNanos()) {
                entry.setValue(new Node(node.inForce(), node.resourceVersion(), node.seenAt(), true));
                any = true;
            }
        }
        return any;
    }

    /** Whether this node's Lease was given up since the last call: by the daemon whose place this one has taken. */
    synchronized boolean ownGivenUp() {
        boolean was = ownGivenUp;
        ownGivenUp = false;
        return was;
    }

    synchronized boolean deleted(Map<String, Object> lease) {
        return nodes.remove(name(lease)) != null;
    }

    /** Nodes that reported lately; this one always. */
    synchronized int nodes() {
        return 1 + (int) live().count();
    }

    /** @param specVersion the resourceVersion at which the generation appeared
     *  @param reported whether core has reported this generation on this node */
    synchronized Condition condition(long generation, String specVersion, boolean reported) {
        long wanted = number(specVersion);
        long carrying = (reported || ownInForce.getAsLong() >= wanted ? 1 : 0) + live().filter(each -> each.inForce() >= wanted).count();
        int all = nodes();
        boolean everywhere = carrying == all;
        return new Condition(TYPE, everywhere ? "True" : "False", everywhere ? "Programmed" : "Pending",
                "generation " + generation + " in force on " + carrying + " of " + all + (all == 1 ? " node" : " nodes"), generation);
    }

    private java.util.stream.Stream<Node> live() {
        return nodes.values().stream().filter(each -> !each.lapsed());
    }

    private static String name(Map<String, Object> lease) {
        return Fields.text(Fields.map(lease, "metadata"), "name");
    }

    static long number(String resourceVersion) {
        try {
            return resourceVersion.isEmpty() ? 0 : Long.parseLong(resourceVersion);
        } catch (NumberFormatException notOrdered) {
            return 0;
        }
    }
}
