package heddle.sample.maglev;

import heddle.api.policy.Endpoint;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** A filled look-up table: each endpoint has nearly the same number of entries, and a change of one endpoint moves few entries of the
 *  others. The same endpoints give the same table on every node, in whatever order they come. Immutable. */
final class Table {
    /** A prime, and always the same: were it chosen by the number of endpoints, one more of them could move every request. Shares of up to
     *  six hundred endpoints differ by a percent or so; 128 KB, filled in some milliseconds. */
    private static final int SIZE = 65537;
    private static final char FREE = Character.MAX_VALUE;
    /** As they were given. */
    final List<Endpoint> endpoints;
    private final List<Endpoint> sorted;
    private final char[] entries;

    Table(List<Endpoint> endpoints) {
        this.endpoints = List.copyOf(endpoints);
        this.sorted = endpoints.stream().sorted(Comparator.comparing(Table::name)).toList();
        this.entries = fill(sorted);
    }

    private static String name(Endpoint endpoint) {
        return endpoint.address().getAddress().getHostAddress() + " " + endpoint.address().getPort();
    }

    /** The endpoint at a hash. @param step 0, then 1, 2 … to go on to the next entries when that one will not do */
    Endpoint at(long hash, int step) {
        return sorted.get(entries[(int) Long.remainderUnsigned(hash + step, entries.length)]);
    }

    int size() {
        return entries.length;
    }

    private static char[] fill(List<Endpoint> endpoints) {
        char[] entries = new char[SIZE];
        Arrays.fill(entries, FREE);
        int[] offset = new int[endpoints.size()];
        int[] skip = new int[endpoints.size()];
        int[] next = new int[endpoints.size()];
        for (int i = 0; i < offset.length; i++) {
            String name = name(endpoints.get(i));
            offset[i] = (int) Long.remainderUnsigned(Hash.of(name, 0x9E3779B97F4A7C15L), SIZE);
            skip[i] = 1 + (int) Long.remainderUnsigned(Hash.of(name, 0xC2B2AE3D27D4EB4FL), SIZE - 1);
        }
        for (int filled = 0; filled < SIZE && !endpoints.isEmpty(); ) {
            for (int i = 0; i < offset.length && filled < SIZE; i++) {
                int entry;
                do entry = (int) ((offset[i] + (long) next[i]++ * skip[i]) % SIZE);
                while (entries[entry] != FREE);
                entries[entry] = (char) i;
                filled++;
            }
        }
        return entries;
    }
}
