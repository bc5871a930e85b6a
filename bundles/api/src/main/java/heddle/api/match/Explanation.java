package heddle.api.match;

import java.util.List;
import java.util.Optional;

/** Why a request went where it went: the winner and every candidate, best first.
 *  @param normalizedPath the path that was matched, or the reason why it has none (SPEC.md M5) */
public record Explanation(Optional<Candidate> winner, String normalizedPath, List<Verdict> verdicts) {
    public Explanation {
        verdicts = List.copyOf(verdicts);
    }

    /** One candidate's fate. {@code reason}: the condition that failed, or the tie-break it lost to the winner. */
    public record Verdict(Candidate candidate, boolean matched, String reason) {}
}
