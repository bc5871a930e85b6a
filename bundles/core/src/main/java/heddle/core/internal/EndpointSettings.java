package heddle.core.internal;

import heddle.api.model.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How the endpoints of one Service are watched, out of its annotations (docs/POLICIES.md). What is wrong is left out and named.
 *  @param failures       in a row that eject an endpoint; 0 = none do
 *  @param gatewayErrors  likewise those of connecting, broken and timed out tries, and 502, 503, 504
 *  @param ejectionNanos  of the first ejection; doubled with each that follows soon, up to {@code mostNanos}
 *  @param mostPercent    of the endpoints that may be out at once; the last one never is
 *  @param slowStartNanos in which a new endpoint's share grows to a full one; 0 = at once
 *  @param problems       each names the annotation */
record EndpointSettings(int failures, int gatewayErrors, long ejectionNanos, long mostNanos, int mostPercent, long slowStartNanos, List<String> problems) {
    private static final String OURS = "heddle.io/";
    private static final String OUTLIER = OURS + "outlier.";
    private static final Set<String> NAMES = Set.of("consecutive-failures", "consecutive-gateway-errors", "ejection-time", "max-ejection-time", "max-ejection-percent");

    boolean off() {
        return failures == 0 && gatewayErrors == 0 && slowStartNanos == 0;
    }

    /** @param balancer a ring's order would change with every request of a slow start */
    static EndpointSettings of(Map<String, String> annotations, String balancer) {
        Reader read = new Reader(annotations);
        int failures = read.number("outlier.consecutive-failures", 1, 1000, 0);
        int gatewayErrors = read.number("outlier.consecutive-gateway-errors", 1, 1000, 0);
        long ejection = read.duration("outlier.ejection-time", Duration.ofSeconds(30));
        long most = read.duration("outlier.max-ejection-time", Duration.ofMinutes(5));
        int percent = read.number("outlier.max-ejection-percent", 1, 100, 50);
        long slowStart = read.duration("slow-start", Duration.ZERO);
        annotations.keySet().stream().filter(name -> name.startsWith(OUTLIER) && !NAMES.contains(name.substring(OUTLIER.length()))).sorted()
                .forEach(name -> read.problems.add("annotation " + name + " is unknown (expected: " + OUTLIER + "consecutive-failures, ...)"));
        String hashOn = annotations.getOrDefault(OURS + "hash-on", "source");
        if (!hashOn.matches("source|(header|cookie):\\S+")) {
            read.problems.add("annotation " + OURS + "hash-on: " + hashOn + " (expected: source, header:NAME or cookie:NAME); the source is taken");
        }
        if (slowStart > 0 && balancer.equals("ring-hash")) {
            read.problems.add("annotation " + OURS + "slow-start has no effect with the balancer ring-hash");
            slowStart = 0;
        }
        return new EndpointSettings(failures, gatewayErrors, ejection, Math.max(ejection, most), percent, slowStart, List.copyOf(read.problems));
    }

    private static final class Reader {
        private final Map<String, String> annotations;
        private final List<String> problems = new ArrayList<>();

        Reader(Map<String, String> annotations) {
            this.annotations = annotations;
        }

        int number(String name, int least, int most, int absent) {
            String text = annotations.get(OURS + name);
            if (text == null) return absent;
            try {
                int number = Integer.parseInt(text.strip());
                if (number >= least && number <= most) return number;
            } catch (NumberFormatException e) {
                // named below
            }
            problems.add("annotation " + OURS + name + ": " + text + " (expected: " + least + " to " + most + ")");
            return absent;
        }

        long duration(String name, Duration absent) {
            String text = annotations.get(OURS + name);
            if (text == null) return absent.toNanos();
            try {
                Duration given = Durations.parse("annotation " + OURS + name, text.strip());
                if (!given.isZero()) return given.toNanos();
                problems.add("annotation " + OURS + name + ": " + text + " (expected: longer)");
            } catch (IllegalArgumentException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
            return absent.toNanos();
        }
    }
}
