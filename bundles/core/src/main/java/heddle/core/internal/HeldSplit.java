package heddle.core.internal;

import java.util.List;

/** The backends of an opaque connection: held only while it chooses, so no lease outlives the event loop's turn (DESIGN.md, hot swap). */
final class HeldSplit extends Held {
    private final List<BackendResolver.Resolved> inputs;
    private final WeightedSplit split;

    HeldSplit(List<BackendResolver.Resolved> inputs) {
        super(inputs.stream().flatMap(each -> each.pool().stream()).map(pool -> (Shared) pool).toList());
        this.inputs = inputs;
        this.split = new WeightedSplit(inputs.stream().map(each -> new WeightedSplit.Share(each.plan(List.of()), each.weight())).toList());
    }

    boolean madeFrom(List<BackendResolver.Resolved> given) {
        return inputs.equals(given);
    }

    List<BackendResolver.Resolved> inputs() {
        return inputs;
    }

    WeightedSplit split() {
        return split;
    }

    @Override long leases() {
        return 0;
    }
}
