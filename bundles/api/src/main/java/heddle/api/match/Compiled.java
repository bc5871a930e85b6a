package heddle.api.match;

import java.util.List;

/** A table and the candidates that could not be compiled into it (a bad regex, an unknown match type). */
public record Compiled(RouteTable table, List<Refusal> refused) {
    public Compiled {
        refused = List.copyOf(refused);
    }

    /** Why a candidate is not in the table; the reason names the field. */
    public record Refusal(Candidate candidate, String reason) {}
}
