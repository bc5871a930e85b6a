package heddle.gateway.internal;

import heddle.api.source.SourceProblem;
import java.util.ArrayList;
import java.util.List;

/** What is said about one object while it is decoded: problems refuse it, warnings do not. */
final class Report {
    /** More than that helps nobody and a hostile file must not fill the memory. */
    private static final int MOST = 50;

    private final String origin;
    private final List<SourceProblem> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private String object = "";
    private boolean secret;

    Report(String origin) {
        this.origin = origin;
    }

    /** From now on messages name this object. */
    void object(String label) {
        object = label;
    }

    /** From now on no message shows a value. */
    void hideValues() {
        secret = true;
    }

    boolean hidesValues() {
        return secret;
    }

    /** {@code shop.yaml:12}, or the origin alone where lines are unknown. */
    String where(int line) {
        return line == 0 ? origin : origin + ":" + line;
    }

    void problem(int line, String field, String message) {
        if (problems.size() < MOST) {
            problems.add(new SourceProblem(where(line), object, field, message));
        }
    }

    void warning(int line, String field, String message) {
        if (warnings.size() < MOST) {
            warnings.add(where(line) + ": " + field + ": " + message);
        }
    }

    boolean isGood() {
        return problems.isEmpty();
    }

    List<SourceProblem> problems() {
        return problems;
    }

    List<String> warnings() {
        return warnings;
    }
}
