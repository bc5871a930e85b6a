package heddle.match.internal;

import heddle.api.match.RequestHead;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds candidates by exact path and by path element prefix: one hash look-up, and one pass over the path that hashes it as it goes and
 *  probes at each element's end. Longer prefixes know the shorter ones above them, so that one hit gives them all. */
final class PathIndex extends SearchNode {
    private final Map<String, SearchNode> exact;
    private final Prefix[] slots;
    private final int maxLength;
    private final int maxElements;

    /** A prefix with its candidates.
     *  @param above the next shorter prefix of it in the index
     *  @param reach the best rank here and above */
    record Prefix(String path, int hash, SearchNode node, @Nullable Prefix above, int reach, @Nullable Prefix sameSlot) {}

    PathIndex(int best, Map<String, SearchNode> exact, Map<String, SearchNode> prefixes) {
        super(best);
        this.exact = exact;
        int size = Integer.highestOneBit(Math.max(1, prefixes.size()) * 2 - 1) * 2;
        this.slots = new Prefix[size];
        int longest = 0;
        int deepest = 0;
        for (String path : prefixes.keySet().stream().sorted((a, b) -> Integer.compare(a.length(), b.length())).toList()) {
            SearchNode node = prefixes.get(path);
            Prefix above = nearestAbove(path);
            int reach = above == null ? node.best : Math.min(node.best, above.reach);
            int slot = slot(path.hashCode());
            slots[slot] = new Prefix(path, path.hashCode(), node, above, reach, slots[slot]);
            longest = Math.max(longest, path.length());
            deepest = Math.max(deepest, (int) path.chars().filter(c -> c == '/').count());
        }
        this.maxLength = longest;
        this.maxElements = deepest;
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
        if (!exact.isEmpty()) {
            SearchNode node = exact.get(path);
            if (node != null && node.best < found) found = node.search(head, found);
        }
        if (maxLength == 0) return found;
        for (Prefix prefix = deepest(path); prefix != null && prefix.reach < found; prefix = prefix.above) {
            if (prefix.node.best < found) found = prefix.node.search(head, found);
        }
        return found;
    }

    private @Nullable Prefix deepest(String path) {
        Prefix deepest = null;
        int length = path.length();
        int last = Math.min(length, maxLength);
        int hash = 0;                                              // as String.hashCode of what was passed
        int elements = 0;
        for (int i = 0; i < last; i++) {
            char c = path.charAt(i);
            if (c == '/' && i > 0) {
                Prefix here = find(path, i, hash);
                if (here != null) deepest = here;
                if (++elements == maxElements) return deepest;
            }
            hash = 31 * hash + c;
        }
        if (last == length || path.charAt(last) == '/') {
            Prefix here = find(path, last, hash);
            if (here != null) deepest = here;
        }
        return deepest;
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
