package heddle.match.internal;

import heddle.api.match.Candidate;
import java.util.ArrayList;
import java.util.List;

/** A candidate with its compiled conditions, cheapest first, and for each the key that it can be found by.
 *  @param rank 0 = best
 *  @param clauses a clause's index is its bit in {@link Item#satisfied} */
record Entry(int rank, Candidate candidate, List<Clause> clauses) {

    /** A condition and how to find it.
     *  @param keys    empty, or the one key that every request has for which the condition holds
     *  @param implied the key says all: having it, the condition need not be tested */
    record Clause(Condition condition, List<IndexKey> keys, boolean implied) {}

    /** An entry on its way down the index.
     *  @param satisfied the clauses that the way down has already shown to hold */
    record Item(Entry entry, long satisfied) {
        private static final Condition[] NOTHING = {};

        Item satisfying(IndexKey key) {
            long more = satisfied;
            List<Clause> clauses = entry.clauses;
            for (int i = 0; i < clauses.size() && i < Long.SIZE; i++) {
                Clause clause = clauses.get(i);
                if (clause.implied() && clause.keys().contains(key)) more |= 1L << i;
            }
            return new Item(entry, more);
        }

        Condition[] open() {
            List<Clause> clauses = entry.clauses;
            List<Condition> open = new ArrayList<>();
            for (int i = 0; i < clauses.size(); i++) {
                if (i >= Long.SIZE || (satisfied & 1L << i) == 0) open.add(clauses.get(i).condition());
            }
            return open.isEmpty() ? NOTHING : open.toArray(Condition[]::new);
        }
    }
}
