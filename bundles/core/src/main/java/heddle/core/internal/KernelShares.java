package heddle.core.internal;

import heddle.api.plan.BackendPlan;
import heddle.api.policy.Endpoint;
import heddle.api.steer.SteeringPlan;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Turns a weighted split into slots for the kernel, which knows endpoints only: a backend's weight is shared among its endpoints
 *  (SPEC.md B1), and a share without one is refused (B8). */
final class KernelShares {
    private static final long LARGEST = 1_000_000;

    private KernelShares() {}

    /** @param family endpoints of another family than the frontend's address cannot be reached by a rewritten connect */
    static List<SteeringPlan.Slot> slots(WeightedSplit split, Class<? extends InetAddress> family) {
        List<List<InetSocketAddress>> endpoints = new ArrayList<>();
        List<Integer> weights = new ArrayList<>();
        long multiple = 1;
        for (WeightedSplit.Share share : split.shares()) {
            if (share.weight() == 0) continue;
            List<InetSocketAddress> reachable = reachable(share.backend(), family);
            endpoints.add(reachable);
            weights.add(share.weight());
            if (!reachable.isEmpty()) multiple = Math.min(LARGEST, lcm(multiple, reachable.size()));
        }
        List<long[]> parts = new ArrayList<>();                    // {share, endpoint or -1, weight}
        long divisor = 0;
        for (int i = 0; i < endpoints.size(); i++) {
            int count = Math.max(1, endpoints.get(i).size());
            long weight = Math.max(1, weights.get(i) * multiple / count);
            divisor = gcd(divisor, weight);
            for (int j = 0; j < count; j++) parts.add(new long[] {i, endpoints.get(i).isEmpty() ? -1 : j, weight});
        }
        long most = parts.stream().mapToLong(part -> part[2]).max().orElse(1) / Math.max(1, divisor);
        long scale = Math.max(1, (most + LARGEST - 1) / LARGEST);
        List<SteeringPlan.Slot> slots = new ArrayList<>(parts.size());
        for (long[] part : parts) {
            Optional<InetSocketAddress> endpoint = part[1] < 0 ? Optional.empty() : Optional.of(endpoints.get((int) part[0]).get((int) part[1]));
            slots.add(new SteeringPlan.Slot(endpoint, (int) Math.max(1, part[2] / divisor / scale)));
        }
        return slots;
    }

    private static List<InetSocketAddress> reachable(BackendPlan backend, Class<? extends InetAddress> family) {
        if (!backend.failure().isNone()) return List.of();
        // health is what requests tell; the kernel sees connects only, and its plan must not change with every ejection
        List<Endpoint> all = backend instanceof PooledBackend pooled ? pooled.pool().all() : backend.ready();
        return all.stream().map(Endpoint::address).filter(address -> family.isInstance(address.getAddress())).toList();
    }

    private static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    private static long lcm(long a, long b) {
        return a / gcd(a, b) * b;
    }
}
