package heddle.core.internal;

import heddle.api.model.Durations;
import heddle.api.model.GrpcRoute;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Timeouts and retries of a GRPCRoute, for which the Gateway API has no fields (SPEC.md T7): annotations
 *  {@code heddle.io/timeout.request}, {@code timeout.backend-request}, {@code retry.codes}, {@code retry.attempts} and
 *  {@code retry.backoff}, for all rules, or with {@code .<rule name>} appended for that one.
 *  @param requestNanos 0 = none; so {@code backendNanos} */
record GrpcAnnotations(long requestNanos, long backendNanos, Optional<HeldRule.RetrySpec> retry) {
    private static final String OURS = "heddle.io/";
    /** By number. */
    private static final List<String> CODES = List.of("OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
            "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE",
            "DATA_LOSS", "UNAUTHENTICATED");
    private static final int MOST_ATTEMPTS = 10;

    /** @throws IllegalArgumentException naming the annotation and what was expected */
    static GrpcAnnotations of(GrpcRoute route, Optional<String> rule) {
        long request = duration(route, rule, "timeout.request").map(Duration::toNanos).orElse(0L);
        long backend = duration(route, rule, "timeout.backend-request").map(Duration::toNanos).orElse(0L);
        if (request > 0 && backend > request) throw bad("timeout.backend-request", "is longer than timeout.request", "at most as long");
        Optional<String> codes = text(route, rule, "retry.codes");
        Optional<String> attempts = text(route, rule, "retry.attempts");
        Optional<Duration> backoff = duration(route, rule, "retry.backoff");
        if (codes.isEmpty() && attempts.isEmpty() && backoff.isEmpty()) return new GrpcAnnotations(request, backend, Optional.empty());
        return new GrpcAnnotations(request, backend, Optional.of(new HeldRule.RetrySpec(List.of(), codes.map(GrpcAnnotations::codes).orElse(List.of()),
                attempts.map(GrpcAnnotations::attempts).orElse(1), backoff.orElse(Duration.ofMillis(25)).toNanos())));
    }

    private static Optional<String> text(GrpcRoute route, Optional<String> rule, String name) {
        Optional<String> own = rule.flatMap(each -> route.metadata().annotation(OURS + name + "." + each));
        return own.or(() -> route.metadata().annotation(OURS + name));
    }

    private static Optional<Duration> duration(GrpcRoute route, Optional<String> rule, String name) {
        return text(route, rule, name).map(text -> Durations.parse("annotation " + OURS + name, text));
    }

    private static int attempts(String text) {
        try {
            int attempts = Integer.parseInt(text.strip());
            if (attempts >= 0 && attempts <= MOST_ATTEMPTS) return attempts;
        } catch (NumberFormatException e) {
            // as any other number that is none of these
        }
        throw bad("retry.attempts", text, "0 to " + MOST_ATTEMPTS);
    }

    private static List<Integer> codes(String text) {
        List<Integer> codes = new ArrayList<>();
        for (String part : text.split(",")) {
            String name = part.strip().toUpperCase(Locale.ROOT).replace('-', '_');
            int code = name.matches("[0-9]{1,2}") ? Integer.parseInt(name) : CODES.indexOf(name);
            if (code < 1 || code >= CODES.size()) throw bad("retry.codes", part.strip(), "gRPC status codes such as UNAVAILABLE, with commas");
            codes.add(code);
        }
        return codes;
    }

    static String name(int code) {
        return CODES.get(code);
    }

    private static IllegalArgumentException bad(String name, String text, String expected) {
        return new IllegalArgumentException("annotation " + OURS + name + ": " + text + " (expected: " + expected + ")");
    }
}
