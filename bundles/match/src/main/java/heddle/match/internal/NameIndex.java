package heddle.match.internal;

import heddle.api.match.RequestHead;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** Many header or query parameter names, each with its index: asks the request for what it has, instead of each name for its value. */
final class NameIndex extends SearchNode {
    private final Dimension.Source source;
    private final Map<String, ValueIndex> byName;

    NameIndex(int best, Dimension.Source source, Map<String, ValueIndex> byName) {
        super(best);
        this.source = source;
        this.byName = byName;
    }

    @Override int search(RequestHead head, int limit) {
        if (source == Dimension.Source.QUERY) {
            if (head.query().isEmpty()) return limit;
            int found = limit;
            for (Map.Entry<String, String> parameter : QueryString.all(head.query()).entrySet()) {
                ValueIndex index = byName.get(parameter.getKey());
                if (index != null && index.best < found) found = index.search(head, parameter.getValue(), found);
            }
            return found;
        }
        HeaderWalk walk = new HeaderWalk(head, limit);
        head.headers(walk);
        return walk.found;
    }

    private final class HeaderWalk implements BiConsumer<String, String> {
        private final RequestHead head;
        private final Set<String> seen = new HashSet<>();
        private int found;

        HeaderWalk(RequestHead head, int limit) {
            this.head = head;
            this.found = limit;
        }

        @Override public void accept(String name, String firstValue) {
            ValueIndex index = byName.get(name);
            if (index != null && index.best < found && seen.add(name)) found = index.search(head, found);
        }
    }
}
