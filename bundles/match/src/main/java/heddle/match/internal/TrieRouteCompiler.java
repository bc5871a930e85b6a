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
        List<Candidate> ranked = new ArrayList<>(candidates.size());
        for (Candidate candidate : candidates) {
            try {
                clauses.put(candidate, Clauses.of(candidate));
                ranked.add(candidate);
            } catch (RefusedException e) {
                refused.add(new Refusal(candidate, e.getMessage()));
            }
        }
        ranked.sort(Precedence.ORDER);
        Set<Conditions> known = new HashSet<>();
        List<Entry> entries = new ArrayList<>(ranked.size());
        for (int rank = 0; rank < ranked.size(); rank++) {
            Candidate candidate = ranked.get(rank);
            List<Clause> own = clauses.get(candidate);
            if (known.add(Conditions.of(own))) entries.add(new Entry(rank, candidate, own));      // else a better one matches wherever it would
        }
        return new Compiled(new TrieRouteTable(IndexBuilder.build(entries), ranked, refused), refused);
    }

    /** Equal for candidates that match the same requests for the same reasons. */
    private record Conditions(Set<Condition> all) {
        static Conditions of(List<Clause> clauses) {
            Set<Condition> all = new HashSet<>();
            for (Clause clause : clauses) all.add(clause.condition());
            return new Conditions(all);
        }
    }
}
