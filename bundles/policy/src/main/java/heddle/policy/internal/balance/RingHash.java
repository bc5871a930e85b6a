package heddle.policy.internal.balance;

import heddle.api.policy.Endpoint;
import heddle.api.policy.LoadBalancer;
import heddle.api.policy.PickContext;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Each endpoint has {@link #POINTS} points on a ring of hashes; a request goes to the next point after its own. An endpoint that comes or
 *  goes moves only the requests next to its points. The ring is built once a list of ready endpoints and then only read. */
final class RingHash implements LoadBalancer {
    private static final int POINTS = 128;

    private final HashKey key;
    private volatile Ring ring = new Ring(List.of(), new long[0], new Endpoint[0]);

    RingHash(HashKey key) {
        this.key = key;
    }

    @Override public Endpoint pick(PickContext context) {
        Ring now = ring(context.ready());
        int at = now.after(hash(key.of(context)));
        List<Endpoint> tried = context.tried();
        for (int i = 0; i < now.owners.length && !tried.isEmpty(); i++) {
            Endpoint endpoint = now.owners[(at + i) % now.owners.length];
            if (!tried.contains(endpoint)) return endpoint;
        }
        return now.owners[at];
    }

    @Override public void update(List<Endpoint> ready) {
        ring(ready);
    }

    private Ring ring(List<Endpoint> ready) {
        Ring now = ring;
        if (now.ready == ready) return now;
        if (!now.ready.equals(ready)) now = Ring.of(ready);
        else now = new Ring(ready, now.points, now.owners);
        ring = now;
        return now;
    }

    /** FNV-1a with a finishing mix: a stable value, the same on every daemon. */
    static long hash(String text) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
        return hash ^ hash >>> 33;
    }

    /** @param points sorted; {@code owners}: whose each is */
    private record Ring(List<Endpoint> ready, long[] points, Endpoint[] owners) {
        static Ring of(List<Endpoint> ready) {
            record Point(long hash, Endpoint owner) {}
            Point[] sorted = ready.stream().flatMap(endpoint -> {
                String name = endpoint.address().getAddress().getHostAddress() + ":" + endpoint.address().getPort();
                return IntStream.range(0, POINTS).mapToObj(i -> new Point(hash(name + "#" + i), endpoint));
            }).sorted((a, b) -> Long.compare(a.hash, b.hash)).toArray(Point[]::new);
            return new Ring(ready, Arrays.stream(sorted).mapToLong(Point::hash).toArray(), Arrays.stream(sorted).map(Point::owner).toArray(Endpoint[]::new));
        }

        int after(long hash) {
            int at = Arrays.binarySearch(points, hash);
            if (at < 0) at = -at - 1;
            return at == points.length ? 0 : at;
        }
    }
}
