package heddle.gateway.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A collection of a {@link Tree} while it is read. */
sealed interface TreeBuilder {
    Tree build();

    final class OfItems implements TreeBuilder {
        private final List<Tree> items = new ArrayList<>();
        private final int line;
        private long size = 1;

        OfItems(int line) {
            this.line = line;
        }

        void add(Tree item) {
            items.add(item);
            size += item.size();
        }

        @Override public Tree build() {
            return new Tree.Items(List.copyOf(items), line, (int) Math.min(size, Integer.MAX_VALUE));
        }
    }

    final class OfFields implements TreeBuilder {
        private final List<String> keys = new ArrayList<>();
        private final List<Tree> values = new ArrayList<>();
        private int[] lines = new int[8];
        private final int line;
        private long size = 1;
        private final java.util.BitSet merged = new java.util.BitSet(0);
        private @org.jspecify.annotations.Nullable Set<String> seen;

        OfFields(int line) {
            this.line = line;
        }

        /** False when the key is there already; the first value stays. */
        boolean add(String key, Tree value, int keyLine) {
            if (has(key)) {
                int at = merged.isEmpty() ? -1 : keys.indexOf(key);
                if (at < 0 || !merged.get(at)) {
                    return false;
                }
                merged.clear(at);
                values.set(at, value);
                lines[at] = keyLine;
                size += value.size();
                return true;
            }
            if (keys.size() == lines.length) {
                lines = java.util.Arrays.copyOf(lines, lines.length * 2);
            }
            lines[keys.size()] = keyLine;
            keys.add(key);
            if (seen != null) {
                seen.add(key);
            }
            values.add(value);
            size += value.size();
            return true;
        }

        /** A field that one written in the object itself will replace. */
        void addMerged(String key, Tree value, int keyLine) {
            if (!has(key) && add(key, value, keyLine)) {
                merged.set(keys.size() - 1);
            }
        }

        /** Small objects are scanned; a set keeps big ones from costing the square of their size. */
        private boolean has(String key) {
            if (keys.size() < 16) {
                return keys.contains(key);
            }
            if (seen == null || seen.size() < keys.size()) {
                seen = new HashSet<>(keys);
            }
            return seen.contains(key);
        }

        @Override public Tree build() {
            return new Tree.Fields(keys.toArray(String[]::new), values.toArray(Tree[]::new), java.util.Arrays.copyOf(lines, keys.size()), line,
                    (int) Math.min(size, Integer.MAX_VALUE));
        }
    }
}
