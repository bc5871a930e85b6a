package heddle.match.internal;

import heddle.api.match.RequestHead;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds candidates by one value of the request: a header, a query parameter, the method. */
final class ValueIndex extends SearchNode {
    private final Dimension dimension;
    private final Map<String, SearchNode> byValue;
    private final @Nullable SearchNode present;

    /** @param present for any value: candidates that have a pattern for it */
    ValueIndex(int best, Dimension dimension, Map<String, SearchNode> byValue, Optional<SearchNode> present) {
        super(best);
        this.dimension = dimension;
        this.byValue = byValue;
        this.present = present.orElse(null);
    }

    Dimension dimension() {
        return dimension;
    }

    @Override int search(RequestHead head, int limit) {
        String value = dimension.value(head);
        return value == Dimension.ABSENT ? limit : search(head, value, limit);
    }

    int search(RequestHead head, String value, int limit) {
        int found = limit;
        SearchNode node = byValue.get(value);
        if (node != null && node.best < found) found = node.search(head, found);
        if (present != null && present.best < found) found = present.search(head, found);
        return found;
    }
}
