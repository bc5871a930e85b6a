package heddle.match.internal;

import heddle.api.match.Candidate;
import heddle.api.match.Compiled;
import heddle.api.match.Compiled.Refusal;
import heddle.api.match.RouteCompiler;
import heddle.match.internal.Clauses.RefusedException;
import heddle.match.internal.Entry.Clause;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/** The default compiler: precedence is settled once, by sorting; a request then looks for the smallest rank that matches. Ranking 0, so
 *  that any other compiler goes before it. Stateless; any thread. */
@Component(property = "service.ranking:Integer=0")
public final class TrieRouteCompiler implements RouteCompiler {
    @Override public String name() {
        return "trie";
    }

    @Override public Compiled compile(List<Candidate> candidates) {
        List<Refusal> refused = new ArrayList<>();
        Map<Candidate, List<Clause>> clauses = new IdentityHashMap<>();
        List<Precedence> usable = new ArrayList<>(candidates.size());
        for (Candidate candidate : candidates) {
            try {
                clauses.put(candidate, Clauses.of(candidate));
                usable.add(Precedence.of(candidate));
            } catch (RefusedException e) {
                refused.add(new Refusal(candidate, e.getMessage()));
            }
        }
        usable.sort(Precedence.ORDER);
        List<Candidate> ranked = usable.stream().map(Precedence::candidate).toList();
        Set<Set<Condition>> known = new HashSet<>();
        List<Entry> entries = new ArrayList<>(ranked.size());
        for (int rank = 0; rank < ranked.size(); rank++) {
            Candidate candidate = ranked.get(rank);
            List<Clause> own = clauses.get(candidate);
            if (known.add(conditions(own))) entries.add(new Entry(rank, candidate, own));      // else a better one matches wherever it would
        }
        return new Compiled(new TrieRouteTable(IndexBuilder.build(entries), ranked, refused), refused);
    }

    /** Equal for candidates that match the same requests for the same reasons. */
    private static Set<Condition> conditions(List<Clause> clauses) {
        Set<Condition> all = HashSet.newHashSet(clauses.size());
        for (Clause clause : clauses) all.add(clause.condition());
        return all;
    }
}
