package heddle.api.model;

import java.time.Duration;

/** Gateway API durations (GEP-2257): {@code ^([0-9]{1,5}(h|m|s|ms)){1,4}$}; no fractions, no sign, units may repeat (SPEC.md T1). */
public final class Durations {
    private static final String EXPECTED = " (expected: a duration such as 10s, 500ms or 1h30m)";

    /** True for text that {@link #parse} reads. */
    public static boolean isValid(String text) {
        return millis(text) >= 0;
    }

    /** @throws IllegalArgumentException naming the text when it is no duration */
    public static Duration parse(String text) {
        long millis = millis(text);
        if (millis < 0) {
            throw new IllegalArgumentException("\"" + text + "\"" + EXPECTED);
        }
        return Duration.ofMillis(millis);
    }

    /** For a named field: {@code steer.staleAfter: 2 (expected: a duration such as 10s, 500ms or 1h30m)}.
     *  @throws IllegalArgumentException naming field and text when it is no duration */
    public static Duration parse(String field, String text) {
        if (!isValid(text)) {
            throw new IllegalArgumentException(field + ": " + text + EXPECTED);
        }
        return parse(text);
    }

    /** Standard form: largest units first, none of them zero, {@code 0s} for zero: {@code 1h30m}, {@code 1s500ms}.
     *  @throws IllegalArgumentException for a negative duration, and for one above 99999h59m59s999ms, which the form cannot hold */
    public static String print(Duration duration) {
        long millis = duration.toMillis();
        long hours = millis / 3_600_000;
        if (duration.isNegative() || hours > 99_999) {
            throw new IllegalArgumentException(duration + " (expected: 0 to 99999h59m59s999ms)");
        }
        if (duration.isZero()) {
            return "0s";
        }
        if (millis == 0) {
            throw new IllegalArgumentException(duration + " (expected: zero or at least 1ms)");
        }
        StringBuilder out = new StringBuilder();
        append(out, hours, "h");
        append(out, millis / 60_000 % 60, "m");
        append(out, millis / 1_000 % 60, "s");
        append(out, millis % 1_000, "ms");
        return out.toString();
    }

    private static void append(StringBuilder out, long amount, String unit) {
        if (amount > 0) {
            out.append(amount).append(unit);
        }
    }

    /** -1 when it is no duration. */
    private static long millis(String text) {
        long sum = 0;
        int at = 0;
        int parts = 0;
        while (at < text.length()) {
            int from = at;
            long amount = 0;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9' && at - from < 6) {
                amount = amount * 10 + text.charAt(at++) - '0';
            }
            if (at == from || at - from > 5 || at == text.length() || ++parts > 4) {
                return -1;
            }
            switch (text.charAt(at++)) {
                case 'h' -> sum += amount * 3_600_000;
                case 's' -> sum += amount * 1_000;
                case 'm' -> {
                    if (at < text.length() && text.charAt(at) == 's') {
                        at++;
                        sum += amount;
                    } else {
                        sum += amount * 60_000;
                    }
                }
                default -> {
                    return -1;
                }
            }
        }
        return parts == 0 ? -1 : sum;
    }

    private Durations() {}
}
