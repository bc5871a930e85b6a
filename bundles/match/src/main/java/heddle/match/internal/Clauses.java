package heddle.match.internal;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import heddle.api.match.Candidate;
import heddle.api.model.GrpcMatch;
import heddle.api.model.GrpcMatch.NameMatch;
import heddle.api.model.HttpMatch;
import heddle.api.model.PathMatch;
import heddle.api.model.ValueMatch;
import heddle.match.internal.Entry.Clause;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Compiles one candidate's match into clauses, cheap ones first. */
final class Clauses {
    /** SPEC.md M9. */
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");
    /** A pattern's program beyond this costs a request too much even in linear time. */
    private static final int MAX_PATTERN_PROGRAM = 10_000;

    private final List<Clause> clauses = new ArrayList<>();

    private Clauses() {}

    /** The message names the field, what it holds and what was expected. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    static List<Clause> of(Candidate candidate) throws RefusedException {
        Clauses compiled = new Clauses();
        switch (candidate.match()) {
            case HttpMatch http -> compiled.http(http);
            case GrpcMatch grpc -> compiled.grpc(grpc);
        }
        candidate.predicates().forEach(predicate -> compiled.clauses.add(new Clause(new Condition.Vendor(predicate), List.of(), false)));
        return List.copyOf(compiled.clauses);
    }

    private void http(HttpMatch match) throws RefusedException {
        switch (match.path()) {
            case PathMatch.Exact exact -> {
                String path = usable(exact.value());
                found(new Condition.PathEqual(path), new IndexKey.Path(path));
            }
            case PathMatch.Prefix prefix -> {
                usable(prefix.value());
                String path = MatchPath.prefix(prefix.value());
                // "/" is also what a rule without a path match has, so it alone holds for a target without a path (SPEC.md M4, M5).
                if (!path.isEmpty()) found(new Condition.PathUnder(path), new IndexKey.Under(path));
            }
            case PathMatch.Regex _ -> { }
            case PathMatch.Unknown unknown ->
                throw new RefusedException("path.type: " + unknown.type() + " (expected: Exact, PathPrefix or RegularExpression)");
        }
        if (match.method().isPresent()) {
            String method = match.method().get();
            if (!METHODS.contains(method)) throw new RefusedException("method: " + method + " (expected: one of GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH)");
            equal(Dimension.METHOD, method);
        }
        exactValues(match.headers(), "headers", Clauses::headerDimension);
        exactValues(match.queryParams(), "queryParams", value -> Dimension.query(value.name()));
        patterns(match.headers(), "headers", Clauses::headerDimension);
        patterns(match.queryParams(), "queryParams", value -> Dimension.query(value.name()));
        if (match.path() instanceof PathMatch.Regex regex) {
            Pattern pattern = pattern(regex.value(), "path.value");
            String prefix = LiteralPrefix.elements(regex.value());
            clauses.add(new Clause(new Condition.PathWhole(pattern), prefix.isEmpty() ? List.of() : List.of(new IndexKey.Under(prefix)), false));
        }
    }

    private void grpc(GrpcMatch match) throws RefusedException {
        boolean exactService = match.service().isPresent() && !match.service().get().regex();
        boolean exactMethod = match.method().isPresent() && !match.method().get().regex();
        String service = exactService ? name(match.service().get(), "method.service") : "";
        String method = exactMethod ? name(match.method().get(), "method.method") : "";
        if (exactService && exactMethod) {
            String path = "/" + service + "/" + method;
            found(new Condition.PathEqual(path), new IndexKey.Path(path));
        } else if (exactService) {
            found(new Condition.PathUnder("/" + service), new IndexKey.Under("/" + service));
            clauses.add(new Clause(new Condition.Rpc(), List.of(), false));
        } else if (exactMethod) {
            equal(Dimension.GRPC_METHOD, method);
        }
        exactValues(match.headers(), "headers", Clauses::headerDimension);
        patterns(match.headers(), "headers", Clauses::headerDimension);
        if (match.service().isPresent() && !exactService) whole(Dimension.GRPC_SERVICE, match.service().get().value(), "method.service");
        if (match.method().isPresent() && !exactMethod) whole(Dimension.GRPC_METHOD, match.method().get().value(), "method.method");
    }

    private static String name(NameMatch name, String field) throws RefusedException {
        if (name.value().isEmpty() || name.value().indexOf('/') >= 0) throw new RefusedException(field + ": " + name.value() + " (expected: a name without /)");
        return name.value();
    }

    private void exactValues(List<ValueMatch> values, String field, Function<ValueMatch.Exact, Dimension> dimension) throws RefusedException {
        for (int i = 0; i < values.size(); i++) {
            switch (values.get(i)) {
                case ValueMatch.Exact exact -> equal(dimension.apply(exact), exact.value());
                case ValueMatch.Regex _ -> { }
                case ValueMatch.Unknown unknown ->
                    throw new RefusedException(field + "[" + i + "].type: " + unknown.type() + " (expected: Exact or RegularExpression)");
            }
        }
    }

    private void patterns(List<ValueMatch> values, String field, Function<ValueMatch.Exact, Dimension> dimension) throws RefusedException {
        for (int i = 0; i < values.size(); i++) {
            if (!(values.get(i) instanceof ValueMatch.Regex regex)) continue;
            String where = field + "[" + i + "].value";
            Dimension read = dimension.apply(new ValueMatch.Exact(regex.name(), ""));
            if (read.equals(Dimension.HOST)) {
                clauses.add(new Clause(new Condition.WholeHost(pattern(regex.value(), where)), List.of(new IndexKey.Present(Dimension.HOST)), false));
            } else {
                whole(read, regex.value(), where);
            }
        }
    }

    /** Host means the authority, and its port counts only where the value names one (SPEC.md M7). */
    private static Dimension headerDimension(ValueMatch.Exact match) {
        if (!match.name().equals("host")) return Dimension.header(match.name());
        return Authority.namesPort(match.value()) ? Dimension.HOST_PORT : Dimension.HOST;
    }

    private void equal(Dimension dimension, String value) {
        found(new Condition.Equal(dimension, value), new IndexKey.Value(dimension, value));
    }

    private void whole(Dimension dimension, String pattern, String field) throws RefusedException {
        clauses.add(new Clause(new Condition.Whole(dimension, pattern(pattern, field)), List.of(new IndexKey.Present(dimension)), false));
    }

    private void found(Condition condition, IndexKey key) {
        clauses.add(new Clause(condition, List.of(key), true));
    }

    private static String usable(String path) throws RefusedException {
        if (!MatchPath.isUsable(path)) throw new RefusedException("path.value: " + path + " (expected: a path that starts with / and has valid escapes)");
        return MatchPath.exact(path);
    }

    private static Pattern pattern(String value, String field) throws RefusedException {
        try {
            Pattern pattern = Pattern.compile(value);
            if (pattern.programSize() <= MAX_PATTERN_PROGRAM) return pattern;
            throw new RefusedException(field + ": " + value + " (expected: a smaller regular expression; this one takes " + pattern.programSize()
                    + " steps, the limit is " + MAX_PATTERN_PROGRAM + ")");
        } catch (PatternSyntaxException e) {
            throw new RefusedException(field + ": " + value + " (expected: a regular expression in RE2 syntax; " + e.getDescription() + ")");
        } catch (StackOverflowError e) {
            throw new RefusedException(field + ": (expected: a regular expression that nests less deeply)");
        }
    }
}
