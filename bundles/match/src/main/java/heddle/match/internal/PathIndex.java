package heddle.match.internal;

import heddle.api.match.RequestHead;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds candidates by exact path and by path element prefix: one hash look-up, and one pass over the path that hashes it as it goes and
 *  probes at each element's end. Longer prefixes know the shorter ones above them, so that one hit gives them all. */
final class PathIndex extends SearchNode {
    private final @Nullable Map<String, SearchNode> exact;
    private final Prefix[] slots;
    private final int maxLength;
    private final int maxElements;
    private final long elementCounts;

    /** A prefix with its candidates.
     *  @param above the next shorter prefix of it in the index
     *  @param own     the best rank here; {@code reach}: here and above
     *  @param certain having the prefix is all that the one candidate here asks for */
    private record Prefix(String path, int hash, SearchNode node, int own, boolean certain, @Nullable Prefix above, int reach, @Nullable Prefix sameSlot) {}

    PathIndex(int best, Map<String, SearchNode> exact, Map<String, SearchNode> prefixes) {
        super(best);
        this.exact = exact.isEmpty() ? null : exact;
        int size = Integer.highestOneBit(Math.max(1, prefixes.size()) * 2 - 1) * 2;
        this.slots = new Prefix[size];
        int longest = 0;
        int deepest = 0;
        long counts = 0;
        for (String path : prefixes.keySet().stream().sorted((a, b) -> Integer.compare(a.length(), b.length())).toList()) {
            SearchNode node = prefixes.get(path);
            Prefix above = nearestAbove(path);
            int reach = above == null ? node.best : Math.min(node.best, above.reach);
            int slot = slot(path.hashCode());
            boolean certain = node instanceof SearchNode.Sole sole && sole.isCertain();
            slots[slot] = new Prefix(path, path.hashCode(), node, node.best, certain, above, reach, slots[slot]);
            longest = Math.max(longest, path.length());
            int elements = (int) path.chars().filter(c -> c == '/').count();
            deepest = Math.max(deepest, elements);
            counts |= elements < Long.SIZE ? 1L << elements : -1L;
        }
        this.maxLength = longest;
        this.maxElements = deepest;
        this.elementCounts = counts;
    }

    private @Nullable Prefix nearestAbove(String path) {
        for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
            Prefix above = find(path, slash, path.substring(0, slash).hashCode());
            if (above != null) return above;
        }
        return null;
    }

    @Override int search(RequestHead head, int limit) {
        String path = head.path();
        int found = limit;
        if (exact != null) {
            SearchNode node = exact.get(path);
            if (node != null && node.best < found) found = node.search(head, found);
        }
        if (maxLength == 0) return found;
        for (Prefix prefix = deepest(path); prefix != null && prefix.reach < found; prefix = prefix.above) {
            if (prefix.own < found) found = prefix.certain ? prefix.own : prefix.node.search(head, found);
        }
        return found;
    }

    private @Nullable Prefix deepest(String path) {
        Prefix deepest = null;
        int last = Math.min(path.length(), maxLength);
        int hash = 0;                                              // as String.hashCode of what lies before `hashed`
        int hashed = 0;
        int end = 0;
        for (int element = 1; end < last; element++) {
            int slash = path.indexOf('/', end + 1);
            end = slash < 0 ? path.length() : slash;
            if (end > maxLength) return deepest;
            if ((elementCounts & 1L << element) != 0) {
                hash = hash(path, hashed, end, hash);
                hashed = end;
                Prefix here = find(path, end, hash);
                if (here != null) deepest = here;
                if (element == maxElements) return deepest;
            }
        }
        return deepest;
    }

    /** Continues String.hashCode, four characters a step: the chain of multiplications is what costs. */
    private static int hash(String path, int start, int end, int before) {
        int hash = before;
        int i = start;
        for (; i + 3 < end; i += 4) {
            hash = 923_521 * hash + 29_791 * path.charAt(i) + 961 * path.charAt(i + 1) + 31 * path.charAt(i + 2) + path.charAt(i + 3);
        }
        for (; i < end; i++) hash = 31 * hash + path.charAt(i);
        return hash;
    }

    private @Nullable Prefix find(String path, int length, int hash) {
        for (Prefix prefix = slots[slot(hash)]; prefix != null; prefix = prefix.sameSlot) {
            if (prefix.hash == hash && prefix.path.length() == length && path.startsWith(prefix.path)) return prefix;
        }
        return null;
    }

    private int slot(int hash) {
        return (hash ^ hash >>> 16) & slots.length - 1;
    }
}
