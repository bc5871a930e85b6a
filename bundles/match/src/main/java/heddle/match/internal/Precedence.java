package heddle.match.internal;

import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingInt;

import heddle.api.match.Candidate;
import heddle.api.model.GrpcMatch;
import heddle.api.model.GrpcMatch.NameMatch;
import heddle.api.model.HttpMatch;
import heddle.api.model.PathMatch;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** SPEC.md §3: which of two matching candidates wins (HTTPRouteRule.matches, GRPCRouteRule.matches), best first. */
final class Precedence {
    /** One tie-break and the name that {@code explain} gives it. */
    record TieBreak(String name, Comparator<Candidate> order) {}

    private static final List<TieBreak> HTTP = List.of(
            new TieBreak("exact path", comparingInt(c -> path(c) instanceof PathMatch.Exact ? 0 : 1)),
            new TieBreak("regular expression before prefix", comparingInt(c -> path(c) instanceof PathMatch.Regex ? 0 : 1)),
            new TieBreak("longer regular expression", comparingInt(c -> path(c) instanceof PathMatch.Regex regex ? -length(regex.value()) : 0)),
            new TieBreak("longer prefix", comparingInt(c -> path(c) instanceof PathMatch.Prefix prefix ? -length(MatchPath.prefix(prefix.value())) : 0)),
            new TieBreak("method match", comparingInt(c -> http(c).method().isPresent() ? 0 : 1)),
            new TieBreak("more header matches", comparingInt(c -> -http(c).headers().size())),
            new TieBreak("more query parameter matches", comparingInt(c -> -http(c).queryParams().size())));

    private static final List<TieBreak> GRPC = List.of(
            new TieBreak("longer service", comparingInt(c -> -grpc(c).service().map(n -> length(n.value())).orElse(0))),
            new TieBreak("longer method", comparingInt(c -> -grpc(c).method().map(n -> length(n.value())).orElse(0))),
            new TieBreak("exact service before regular expression", comparingInt(c -> isRegex(grpc(c).service()) ? 1 : 0)),
            new TieBreak("exact method before regular expression", comparingInt(c -> isRegex(grpc(c).method()) ? 1 : 0)),
            new TieBreak("more header matches", comparingInt(c -> -grpc(c).headers().size())));

    private static final List<TieBreak> BOTH = List.of(
            new TieBreak("more extension matches", comparingInt(c -> -c.predicates().size())),
            new TieBreak("older route", comparing(c -> c.created().orElse(Instant.MAX))),
            new TieBreak("name order", comparing(c -> c.route().path())),
            new TieBreak("rule order", comparingInt(Candidate::ruleIndex)),
            new TieBreak("match order", comparingInt(Candidate::matchIndex)));

    /** Total on the candidates of one set; sets hold one kind of match (SPEC.md P7). */
    static final Comparator<Candidate> ORDER = Precedence::compare;

    private Precedence() {}

    private static int compare(Candidate a, Candidate b) {
        boolean grpc = a.match() instanceof GrpcMatch;
        if (grpc != b.match() instanceof GrpcMatch) return grpc ? -1 : 1;          // never in one set; total all the same
        int order = compare(grpc ? GRPC : HTTP, a, b);
        return order != 0 ? order : compare(BOTH, a, b);
    }

    private static int compare(List<TieBreak> tieBreaks, Candidate a, Candidate b) {
        for (TieBreak tieBreak : tieBreaks) {
            int order = tieBreak.order().compare(a, b);
            if (order != 0) return order;
        }
        return 0;
    }

    /** The name of the first tie-break in which {@code better} goes before {@code worse}. */
    static String decisive(Candidate better, Candidate worse) {
        List<TieBreak> first = better.match() instanceof GrpcMatch ? GRPC : HTTP;
        for (TieBreak tieBreak : first) {
            if (tieBreak.order().compare(better, worse) != 0) return tieBreak.name();
        }
        for (TieBreak tieBreak : BOTH) {
            if (tieBreak.order().compare(better, worse) != 0) return tieBreak.name();
        }
        return "list order";
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    private static boolean isRegex(Optional<NameMatch> name) {
        return name.map(NameMatch::regex).orElse(false);
    }

    private static HttpMatch http(Candidate candidate) {
        return (HttpMatch) candidate.match();
    }

    private static PathMatch path(Candidate candidate) {
        return http(candidate).path();
    }

    private static GrpcMatch grpc(Candidate candidate) {
        return (GrpcMatch) candidate.match();
    }
}
