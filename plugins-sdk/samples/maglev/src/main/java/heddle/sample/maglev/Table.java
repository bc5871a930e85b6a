package heddle.sample.maglev;

import heddle.api.policy.Endpoint;
import java.util.Arrays;
import java.util.List;

/** A filled look-up table: each endpoint has nearly the same number of entries, and a change of one endpoint moves few entries of the
 *  others. Immutable. */
final class Table {
    /** Primes; the table has a hundred entries an endpoint, so that shares differ by a percent or so. */
    private static final int[] SIZES = {251, 1021, 4093, 16381, 65537};
    final List<Endpoint> endpoints;
    private final short[] entries;

    Table(List<Endpoint> endpoints) {
        this.endpoints = List.copyOf(endpoints);
        this.entries = fill(this.endpoints);
    }

    /** The endpoint at a hash. @param step 0, then 1, 2 … to go on to the next entries when that one will not do */
    Endpoint at(long hash, int step) {
        return endpoints.get(entries[(int) Long.remainderUnsigned(hash + step, entries.length)]);
    }

    int size() {
        return entries.length;
    }

    private static short[] fill(List<Endpoint> endpoints) {
        int size = SIZES[SIZES.length - 1];
        for (int i = SIZES.length - 1; i >= 0 && SIZES[i] >= endpoints.size() * 100L; i--) size = SIZES[i];
        short[] entries = new short[size];
        Arrays.fill(entries, (short) -1);
        int[] offset = new int[endpoints.size()];
        int[] skip = new int[endpoints.size()];
        int[] next = new int[endpoints.size()];
        for (int i = 0; i < offset.length; i++) {
            String name = endpoints.get(i).address().toString();
            offset[i] = (int) Long.remainderUnsigned(Hash.of(name, 0x9E3779B97F4A7C15L), size);
            skip[i] = 1 + (int) Long.remainderUnsigned(Hash.of(name, 0xC2B2AE3D27D4EB4FL), size - 1);
        }
        for (int filled = 0; filled < size && !endpoints.isEmpty(); ) {
            for (int i = 0; i < offset.length && filled < size; i++) {
                int entry;
                do entry = (int) ((offset[i] + (long) next[i]++ * skip[i]) % size);
                while (entries[entry] >= 0);
                entries[entry] = (short) i;
                filled++;
            }
        }
        return entries;
    }
}
