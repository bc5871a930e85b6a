package heddle.api.match;

import heddle.api.model.ObjectKey;
import heddle.api.model.RouteMatch;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** One match of one rule of one route, with the keys of SPEC.md §3.
 *  @param rule       what {@link RouteTable#match} returns for it; several candidates share it when a rule has several matches
 *  @param route      for the tie-break by {@code namespace/name}
 *  @param created    the route's creationTimestamp; absent = younger than any
 *  @param ruleIndex  position of the rule in its route; {@code matchIndex}: of the match in its rule
 *  @param predicates vendors' match kinds, all must hold; they rank just after query params */
public record Candidate(int rule, ObjectKey route, Optional<Instant> created, int ruleIndex, int matchIndex, RouteMatch match,
                        List<NamedPredicate> predicates) {
    public Candidate {
        predicates = List.copyOf(predicates);
    }

    /** A vendor's condition with the name that {@code explain} shows. */
    public record NamedPredicate(String name, java.util.function.Predicate<RequestHead> test) {}

    /** {@code HTTPRoute shop/cart rule 2 match 0}. */
    public String label() {
        return route + " rule " + ruleIndex + " match " + matchIndex;
    }

}
