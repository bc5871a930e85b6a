package heddle.steer.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.ThreadLocalRandom;

/** {@code mesh_cfg}: the daemon's sign of life, and whose daemon it is. After a successor has taken over, this one is silent; the successor
 *  may be another steering of this process (a bundle swapped for another). Any thread. */
final class Heartbeat {
    private static final byte[] BEAT = index(0);
    private static final byte[] OWNER = index(1);

    private final BpfMap cfg;
    private final long staleNanos;
    private final long self = Owner.self();
    /** Tells steerings of one process apart, whatever class loader they come from. */
    private final int turn = ThreadLocalRandom.current().nextInt();

    Heartbeat(BpfMap cfg, long staleNanos) {
        this.cfg = cfg;
        this.staleNanos = staleNanos;
    }

    private static byte[] index(int n) {
        return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(n).array();
    }

    void take() {
        cfg.put(OWNER, Abi.CFG.value().set("owner", self).set("turn", turn).set("abi", Abi.VERSION).array());
    }

    boolean mine() {
        return cfg.get(OWNER).map(Abi.CFG::read).filter(last -> last.get("owner") == self && (int) last.get("turn") == turn).isPresent();
    }

    /** Whose the maps are; 0 = nobody's. */
    long owner() {
        return owner(cfg);
    }

    /** Whether another process has them, and is alive. */
    boolean otherProcessLives() {
        long owner = owner();
        return owner != self && Owner.alive(owner);
    }

    /** Whether another process or another steering of this one has them, and is alive. */
    boolean otherLives() {
        return owner() == self ? !mine() : otherProcessLives();
    }

    static long owner(BpfMap cfg) {
        return cfg.get(OWNER).map(bytes -> Abi.CFG.read(bytes).get("owner")).orElse(0L);
    }

    void beat() {
        if (mine()) write(Sys.monotonicNanos());
    }

    /** From now on connects go their when-down way. */
    void stop() {
        if (mine()) write(0);
    }

    private void write(long nanos) {
        cfg.put(BEAT, Abi.CFG.value().set("heartbeat_ns", nanos).set("stale_ns", staleNanos).set("owner", self).set("abi", Abi.VERSION).array());
    }
}
