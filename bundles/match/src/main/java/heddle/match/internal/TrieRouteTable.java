package heddle.match.internal;

import heddle.api.match.Candidate;
import heddle.api.match.Compiled.Refusal;
import heddle.api.match.Explanation;
import heddle.api.match.RequestHead;
import heddle.api.match.RouteTable;
import java.util.List;

/** The compiled set: an index over ranked candidates for {@link #match}, the plain list of them for {@link #explain}. */
final class TrieRouteTable implements RouteTable {
    private final SearchNode root;
    private final int[] rules;
    private final PlainEvaluator plain;

    /** @param ranked every usable candidate, best first; entries' ranks are indexes into it */
    TrieRouteTable(SearchNode root, List<Candidate> ranked, List<Refusal> refused) {
        this.root = root;
        this.rules = ranked.stream().mapToInt(Candidate::rule).toArray();
        this.plain = new PlainEvaluator(ranked, refused);
    }

    @Override public int match(RequestHead head) {
        int rank = root.search(head, rules.length);
        return rank == rules.length ? NO_MATCH : rules[rank];
    }

    @Override public Explanation explain(RequestHead head) {
        return plain.explain(head);
    }
}
