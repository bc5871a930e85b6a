package heddle.match.internal;

import heddle.api.match.Candidate;
import heddle.api.model.GrpcMatch;
import heddle.api.model.GrpcMatch.NameMatch;
import heddle.api.model.HttpMatch;
import heddle.api.model.PathMatch;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A candidate's keys of SPEC.md §3 (HTTPRouteRule.matches, GRPCRouteRule.matches), read once, in the spec's order: the first key in which
 *  two candidates differ decides, and the smaller one wins. */
record Precedence(Candidate candidate, int[] match, Instant created, String route) {
    private static final List<String> HTTP = List.of("exact path", "regular expression before prefix", "longer regular expression", "longer prefix", "method match",
            "more header matches", "more query parameter matches", "more extension matches");
    private static final List<String> GRPC = List.of("longer service", "longer method", "exact service before regular expression",
            "exact method before regular expression", "more header matches", "more extension matches");

    /** Best first; total on the candidates of one set, which hold one kind of match (SPEC.md P7). */
    static final Comparator<Precedence> ORDER = Comparator.<Precedence>comparingInt(p -> p.match.length)
            .thenComparing(Precedence::match, Arrays::compare)
            .thenComparing(Precedence::created)                                     // oldest; without a timestamp youngest
            .thenComparing(Precedence::route)                                       // {namespace}/{name}
            .thenComparingInt(p -> p.candidate.ruleIndex())
            .thenComparingInt(p -> p.candidate.matchIndex());

    static Precedence of(Candidate candidate) {
        int[] match = switch (candidate.match()) {
            case HttpMatch http -> http(http, candidate.predicates().size());
            case GrpcMatch grpc -> grpc(grpc, candidate.predicates().size());
        };
        return new Precedence(candidate, match, candidate.created().orElse(Instant.MAX), candidate.route().path());
    }

    private static int[] http(HttpMatch match, int extensions) {
        int exact = 1;
        int regex = 1;
        int regexLength = 0;
        int prefixLength = 0;
        switch (match.path()) {
            case PathMatch.Exact _ -> exact = 0;
            case PathMatch.Regex pattern -> {
                regex = 0;
                regexLength = length(pattern.value());
            }
            case PathMatch.Prefix prefix -> prefixLength = length(MatchPath.prefix(prefix.value()));
            case PathMatch.Unknown _ -> { }                                          // refused, never ranked
        }
        return new int[] {exact, regex, -regexLength, -prefixLength, match.method().isPresent() ? 0 : 1, -match.headers().size(), -match.queryParams().size(),
            -extensions};
    }

    /** Characters first, as upstream has it; whether a name is a pattern only where both lengths are equal. */
    private static int[] grpc(GrpcMatch match, int extensions) {
        return new int[] {-length(match.service()), -length(match.method()), isRegex(match.service()), isRegex(match.method()), -match.headers().size(), -extensions};
    }

    /** The tie-break by which this goes before {@code worse}. */
    String decisive(Precedence worse) {
        int key = Arrays.mismatch(match, worse.match);
        if (key >= 0) return (candidate.match() instanceof GrpcMatch ? GRPC : HTTP).get(key);
        if (!created.equals(worse.created)) return "older route";
        if (!route.equals(worse.route)) return "name order";
        return candidate.ruleIndex() != worse.candidate.ruleIndex() ? "rule order" : "match order";
    }

    private static int length(Optional<NameMatch> name) {
        return name.map(n -> length(n.value())).orElse(0);
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    private static int isRegex(Optional<NameMatch> name) {
        return name.map(NameMatch::regex).orElse(false) ? 1 : 0;
    }
}
