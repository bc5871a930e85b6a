package heddle.core.internal;

import heddle.api.admin.Drains;
import java.util.concurrent.atomic.LongAdder;

/** What changes of parts have cost. Any thread. */
final class DrainCounts {
    private final LongAdder leases = new LongAdder();
    private final LongAdder connections = new LongAdder();
    private final LongAdder failed = new LongAdder();

    void leases(long held) {
        leases.add(held);
    }

    void connections(long open) {
        connections.add(open);
    }

    void failed(long reset) {
        failed.add(reset);
    }

    Drains sum() {
        return new Drains(leases.sum(), connections.sum(), failed.sum());
    }
}
