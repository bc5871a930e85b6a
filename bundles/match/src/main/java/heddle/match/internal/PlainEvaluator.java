package heddle.match.internal;

import com.google.re2j.Pattern;
import heddle.api.match.Candidate;
import heddle.api.match.Candidate.NamedPredicate;
import heddle.api.match.Compiled.Refusal;
import heddle.api.match.Explanation;
import heddle.api.match.Explanation.Verdict;
import heddle.api.match.RequestHead;
import heddle.api.model.GrpcMatch;
import heddle.api.model.GrpcMatch.NameMatch;
import heddle.api.model.HttpMatch;
import heddle.api.model.PathMatch;
import heddle.api.model.ValueMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Tries every candidate, one condition after the other, straight from the model: slow and easy to check. {@code explain} answers from
 *  it, and the index is tested against it. */
final class PlainEvaluator {
    private final List<Candidate> ranked;
    private final List<Refusal> refused;

    /** @param ranked best first */
    PlainEvaluator(List<Candidate> ranked, List<Refusal> refused) {
        this.ranked = List.copyOf(ranked);
        this.refused = List.copyOf(refused);
    }

    Explanation explain(RequestHead head) {
        Optional<Candidate> winner = Optional.empty();
        List<Verdict> verdicts = new ArrayList<>();
        for (Candidate candidate : ranked) {
            Optional<String> failed = failedCondition(candidate, head);
            if (failed.isPresent()) {
                verdicts.add(new Verdict(candidate, false, failed.get()));
            } else if (winner.isEmpty()) {
                winner = Optional.of(candidate);
                verdicts.add(new Verdict(candidate, true, "wins" + held(candidate)));
            } else {
                verdicts.add(new Verdict(candidate, true, "lost by " + Precedence.of(winner.get()).decisive(Precedence.of(candidate))));
            }
        }
        for (Refusal refusal : refused) verdicts.add(new Verdict(refusal.candidate(), false, "refused: " + refusal.reason()));
        return new Explanation(winner, head.path().isEmpty() ? "none: " + head.target() + " has no path" : head.path(), verdicts);
    }

    /** Names the vendors' conditions, which no field of the route shows. */
    private static String held(Candidate candidate) {
        return candidate.predicates().stream().map(predicate -> ", " + predicate.name() + " holds").collect(Collectors.joining());
    }

    /** Empty when all hold. */
    static Optional<String> failedCondition(Candidate candidate, RequestHead head) {
        Optional<String> failed = switch (candidate.match()) {
            case HttpMatch http -> path(http.path(), head.path()).or(() -> method(http, head)).or(() -> headers(http.headers(), head))
                    .or(() -> query(http.queryParams(), head));
            case GrpcMatch grpc -> rpc(grpc, head.path()).or(() -> headers(grpc.headers(), head));
        };
        if (failed.isPresent()) return failed;
        for (NamedPredicate predicate : candidate.predicates()) {
            if (!predicate.test().test(head)) return Optional.of(predicate.name() + " does not hold");
        }
        return Optional.empty();
    }

    private static Optional<String> path(PathMatch match, String path) {
        return switch (match) {
            case PathMatch.Exact exact -> unless(path.equals(MatchPath.exact(exact.value())), "path " + path + " is not " + exact.value());
            case PathMatch.Prefix prefix when prefix.value().equals("/") -> Optional.empty();
            case PathMatch.Prefix prefix -> {
                String elements = MatchPath.prefix(prefix.value());
                yield unless(path.equals(elements) || path.startsWith(elements + "/"), "path " + path + " is not under " + prefix.value());
            }
            case PathMatch.Regex regex -> unless(!path.isEmpty() && Pattern.matches(regex.value(), path), "path " + path + " does not match " + regex.value());
            case PathMatch.Unknown unknown -> Optional.of("path type " + unknown.type() + " is unknown");
        };
    }

    private static Optional<String> method(HttpMatch match, RequestHead head) {
        return match.method().filter(method -> !method.equals(head.method())).map(method -> "method " + head.method() + " is not " + method);
    }

    private static Optional<String> headers(List<ValueMatch> matches, RequestHead head) {
        for (ValueMatch match : matches) {
            String name = match.name();
            Optional<String> failed;
            if (!name.equals("host")) {
                failed = value("header " + name, match, head.hasHeader(name) ? Optional.of(head.header(name)) : Optional.empty());
            } else if (match instanceof ValueMatch.Regex && value("", match, host(head, true)).isEmpty()) {
                failed = Optional.empty();
            } else {
                failed = value("header host", match, host(head, match instanceof ValueMatch.Exact && Authority.namesPort(match.value())));
            }
            if (failed.isPresent()) return failed;
        }
        return Optional.empty();
    }

    private static Optional<String> host(RequestHead head, boolean withPort) {
        if (head.authority().isEmpty()) return Optional.empty();
        return Optional.of(withPort ? head.authority() : Authority.withoutPort(head.authority()));
    }

    private static Optional<String> query(List<ValueMatch> matches, RequestHead head) {
        for (ValueMatch match : matches) {
            Optional<String> failed = value("query parameter " + match.name(), match, Optional.ofNullable(QueryString.all(head.query()).get(match.name())));
            if (failed.isPresent()) return failed;
        }
        return Optional.empty();
    }

    private static Optional<String> value(String what, ValueMatch match, Optional<String> value) {
        if (value.isEmpty()) return Optional.of(what + " is absent");
        return switch (match) {
            case ValueMatch.Exact exact -> unless(value.get().equals(exact.value()), what + " is " + value.get() + ", not " + exact.value());
            case ValueMatch.Regex regex -> unless(Pattern.matches(regex.value(), value.get()), what + " " + value.get() + " does not match " + regex.value());
            case ValueMatch.Unknown unknown -> Optional.of(what + " has the unknown match type " + unknown.type());
        };
    }

    private static Optional<String> rpc(GrpcMatch match, String path) {
        if (match.service().isEmpty() && match.method().isEmpty()) return Optional.empty();
        if (!RpcPath.is(path)) return Optional.of("path " + path + " is not /service/method");
        return name("service", match.service(), RpcPath.service(path)).or(() -> name("method", match.method(), RpcPath.method(path)));
    }

    private static Optional<String> name(String what, Optional<NameMatch> match, String name) {
        if (match.isEmpty()) return Optional.empty();
        String wanted = match.get().value();
        boolean matches = match.get().regex() ? Pattern.matches(wanted, name) : wanted.equals(name);
        return unless(matches, what + " " + name + (match.get().regex() ? " does not match " : " is not ") + wanted);
    }

    private static Optional<String> unless(boolean holds, String failure) {
        return holds ? Optional.empty() : Optional.of(failure);
    }
}
