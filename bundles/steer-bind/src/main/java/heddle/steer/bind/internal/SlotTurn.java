package heddle.steer.bind.internal;

import heddle.api.steer.SteeringPlan.Handling;
import heddle.api.steer.SteeringPlan.Mode;
import heddle.api.steer.SteeringPlan.Slot;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Deals the slots of one client class out by their weights, evenly (smooth weighted round robin), or the same one to the same client
 *  address. One thread. */
final class SlotTurn {
    private final List<Slot> slots;
    private final long[] credit;
    private final long sum;

    SlotTurn(Handling handling) {
        slots = handling.mode() == Mode.REFUSE ? List.of() : handling.slots();
        credit = new long[slots.size()];
        sum = slots.stream().mapToLong(Slot::weight).sum();
    }

    /** Null where the share has no endpoint: SPEC.md B8. */
    @Nullable InetSocketAddress next() {
        int best = -1;
        for (int i = 0; i < credit.length; i++) {
            credit[i] += slots.get(i).weight();
            if (best < 0 || credit[i] > credit[best]) best = i;
        }
        if (best < 0 || sum == 0) return null;
        credit[best] -= sum;
        return slots.get(best).endpoint().orElse(null);
    }

    @Nullable InetSocketAddress of(InetAddress client) {
        if (sum == 0) return null;
        long at = Math.floorMod(client.hashCode() * 0x9E3779B97F4A7C15L >>> 1, sum);
        for (Slot slot : slots) {
            at -= slot.weight();
            if (at < 0) return slot.endpoint().orElse(null);
        }
        return null;
    }

    /** Whether a flow to this endpoint may go on; null is the share that is dropped. */
    boolean has(@Nullable InetSocketAddress endpoint) {
        for (Slot slot : slots) if (slot.weight() > 0 && java.util.Objects.equals(slot.endpoint().orElse(null), endpoint)) return true;
        return false;
    }
}
