package heddle.match.internal;

import heddle.api.match.RequestHead;

/** A part of the index. Immutable; called on event loops. */
abstract class SearchNode {
    /** The best rank that a search here could find. */
    final int best;

    SearchNode(int best) {
        this.best = best;
    }

    /** The smallest rank below {@code limit} whose candidate matches, else {@code limit}. */
    abstract int search(RequestHead head, int limit);

    static boolean holdAll(Condition[] conditions, RequestHead head) {
        for (Condition condition : conditions) {
            if (!condition.holds(head)) return false;
        }
        return true;
    }

    /** One candidate, the usual end of a search: nothing more to read than what is left to test. */
    static final class Sole extends SearchNode {
        private final Condition[] open;

        /** @param open the conditions that the way here has not shown to hold */
        Sole(int rank, Condition[] open) {
            super(rank);
            this.open = open;
        }

        /** Whoever comes here matches. */
        boolean isCertain() {
            return open.length == 0;
        }

        @Override int search(RequestHead head, int limit) {
            return best < limit && holdAll(open, head) ? best : limit;
        }
    }

    /** A few candidates, tried in rank order. */
    static final class Leaf extends SearchNode {
        private final int[] ranks;
        private final Condition[][] open;

        /** @param open for each rank, as in {@link Sole} */
        Leaf(int[] ranks, Condition[][] open) {
            super(ranks[0]);
            this.ranks = ranks;
            this.open = open;
        }

        @Override int search(RequestHead head, int limit) {
            for (int i = 0; i < ranks.length && ranks[i] < limit; i++) {
                if (holdAll(open[i], head)) return ranks[i];
            }
            return limit;
        }
    }

    /** Several parts, the most promising first. */
    static final class Fork extends SearchNode {
        private final SearchNode[] parts;

        /** @param parts sorted by {@link #best} */
        Fork(SearchNode[] parts) {
            super(parts[0].best);
            this.parts = parts;
        }

        @Override int search(RequestHead head, int limit) {
            int found = limit;
            for (SearchNode part : parts) {
                if (part.best >= found) break;
                found = part.search(head, found);
            }
            return found;
        }
    }
}
