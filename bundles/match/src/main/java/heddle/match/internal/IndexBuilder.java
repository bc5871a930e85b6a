package heddle.match.internal;

import heddle.api.match.RequestHead;
import heddle.match.internal.Dimension.Source;
import heddle.match.internal.Entry.Clause;
import heddle.match.internal.Entry.Item;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Builds the index over ranked entries: each entry goes under the rarest key that it has among its companions, and what shares a key is
 *  split further by the next one, until few are left. A key that all companions share tells nothing and is never used, so every step
 *  makes the groups smaller. */
final class IndexBuilder {
    /** So few candidates are tried one by one. */
    private static final int LEAF = 4;
    /** So many names are asked for one by one; beyond, the request's own names are walked. */
    private static final int FEW_NAMES = 8;
    private static final SearchNode NOTHING = new SearchNode(Integer.MAX_VALUE) {
        @Override int search(RequestHead head, int limit) {
            return limit;
        }
    };

    private IndexBuilder() {}

    /** @param entries in rank order */
    static SearchNode build(List<Entry> entries) {
        return entries.isEmpty() ? NOTHING : node(entries.stream().map(entry -> new Item(entry, 0)).toList());
    }

    private static SearchNode node(List<Item> items) {
        if (items.size() <= LEAF) return leaf(items);
        Map<IndexKey, List<Item>> groups = new LinkedHashMap<>();
        List<Item> rest = new ArrayList<>();
        Choice choice = new Choice(items);
        for (Item item : items) {
            Optional<IndexKey> key = choice.of(item);
            if (key.isPresent()) groups.computeIfAbsent(key.get(), k -> new ArrayList<>()).add(item.satisfying(key.get()));
            else rest.add(item);
        }
        List<SearchNode> parts = parts(groups);
        if (!rest.isEmpty()) parts.add(leaf(rest));
        parts.sort(Comparator.comparingInt(part -> part.best));
        return parts.size() == 1 ? parts.getFirst() : new SearchNode.Fork(parts.toArray(SearchNode[]::new));
    }

    private static SearchNode leaf(List<Item> items) {
        if (items.size() == 1) return new SearchNode.Sole(items.getFirst().entry().rank(), items.getFirst().open());
        return new SearchNode.Leaf(items.stream().mapToInt(item -> item.entry().rank()).toArray(), items.stream().map(Item::open).toArray(Condition[][]::new));
    }

    private static List<SearchNode> parts(Map<IndexKey, List<Item>> groups) {
        Map<String, SearchNode> exact = new HashMap<>();
        Map<String, SearchNode> prefixes = new HashMap<>();
        Map<Dimension, Map<String, SearchNode>> values = new LinkedHashMap<>();
        Map<Dimension, SearchNode> present = new HashMap<>();
        groups.forEach((key, items) -> {
            SearchNode node = node(items);
            switch (key) {
                case IndexKey.Path path -> exact.put(path.path(), node);
                case IndexKey.Under under -> prefixes.put(under.prefix(), node);
                case IndexKey.Value value -> values.computeIfAbsent(value.dimension(), d -> new HashMap<>()).put(value.value(), node);
                case IndexKey.Present any -> {
                    values.computeIfAbsent(any.dimension(), d -> new HashMap<>());
                    present.put(any.dimension(), node);
                }
            }
        });
        List<SearchNode> parts = new ArrayList<>();
        if (!exact.isEmpty() || !prefixes.isEmpty()) parts.add(new PathIndex(Math.min(best(exact), best(prefixes)), exact, prefixes));
        List<ValueIndex> indexes = new ArrayList<>();
        values.forEach((dimension, byValue) -> {
            Optional<SearchNode> any = Optional.ofNullable(present.get(dimension));
            int best = Math.min(best(byValue), any.map(node -> node.best).orElse(Integer.MAX_VALUE));
            indexes.add(new ValueIndex(best, dimension, byValue, any));
        });
        for (Source source : Source.values()) {
            List<ValueIndex> of = indexes.stream().filter(index -> index.dimension().source() == source).toList();
            if (of.size() <= FEW_NAMES) parts.addAll(of);
            else parts.add(byName(source, of));
        }
        return parts;
    }

    private static SearchNode byName(Source source, List<ValueIndex> indexes) {
        Map<String, ValueIndex> byName = new HashMap<>();
        for (ValueIndex index : indexes) byName.put(index.dimension().name(), index);
        return new NameIndex(best(byName), source, byName);
    }

    private static int best(Map<String, ? extends SearchNode> nodes) {
        return nodes.values().stream().mapToInt(node -> node.best).min().orElse(Integer.MAX_VALUE);
    }

    /** Picks each item's key: the rarest; among those rare enough for a leaf the one whose index most companions use. */
    private static final class Choice {
        private final int size;
        private final Map<IndexKey, Count> counts;
        private final Map<Object, Count> popularity = new HashMap<>();

        private static final class Count {
            private int of;
        }

        Choice(List<Item> items) {
            this.size = items.size();
            this.counts = HashMap.newHashMap(2 * size);
            for (Item item : items) {
                for (Clause clause : item.entry().clauses()) {
                    for (IndexKey key : clause.keys()) counts.computeIfAbsent(key, k -> new Count()).of++;
                }
            }
            counts.forEach((key, count) -> {
                if (count.of < size) popularity.computeIfAbsent(key.index(), k -> new Count()).of += count.of;
            });
        }

        Optional<IndexKey> of(Item item) {
            Optional<IndexKey> best = Optional.empty();
            for (Clause clause : item.entry().clauses()) {
                for (IndexKey key : clause.keys()) {
                    if (counts.get(key).of < size && (best.isEmpty() || compare(key, best.get()) < 0)) best = Optional.of(key);
                }
            }
            return best;
        }

        private int compare(IndexKey a, IndexKey b) {
            int rarity = Integer.compare(Math.max(LEAF, counts.get(a).of), Math.max(LEAF, counts.get(b).of));
            if (rarity != 0) return rarity;
            int use = Integer.compare(popularity.get(b.index()).of, popularity.get(a.index()).of);
            return use != 0 ? use : Integer.compare(a.cost(), b.cost());
        }
    }
}
