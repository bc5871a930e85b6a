package heddle.gateway.internal;

import heddle.api.model.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One place in a manifest, present or not: knows its path, checks what is read from it and reports what is wrong there.
 *  Reading goes on after a problem with a harmless value; the object is refused as a whole at the end. */
final class Spot {
    private final Report report;
    private final @Nullable Spot parent;
    private final String name;
    /** In a list; -1 = not in one. */
    private final int index;
    private final int line;
    private final @Nullable Tree tree;
    /** Which fields of an object were asked for; the rest is unknown. */
    private final boolean @Nullable [] asked;

    private Spot(Report report, @Nullable Spot parent, String name, int index, int line, @Nullable Tree tree) {
        this.report = report;
        this.parent = parent;
        this.name = name;
        this.index = index;
        this.line = line;
        this.tree = tree == null || Tree.isNull(tree) ? null : tree;
        this.asked = tree instanceof Tree.Fields fields ? new boolean[fields.keys().length] : null;
    }

    static Spot root(Tree tree, Report report) {
        return new Spot(report, null, "", -1, tree.line(), tree);
    }

    /** Absent also when the value is null, as the API server reads it. */
    boolean present() {
        return tree != null;
    }

    int line() {
        return line;
    }

    Report report() {
        return report;
    }

    String path() {
        StringBuilder out = new StringBuilder();
        path(out);
        return out.toString();
    }

    private void path(StringBuilder out) {
        if (parent != null) {
            parent.path(out);
            if (index >= 0) {
                out.append('[').append(index).append(']');
            } else {
                out.append(out.isEmpty() ? "" : ".").append(name);
            }
        }
    }

    /** A problem with what is here, or with its absence. */
    void fail(String expected) {
        report.problem(line, path(), (tree == null ? "is missing" : report.hidesValues() ? "the value" : tree.describe()) + " (expected: " + expected + ")");
    }

    /** A problem in plain words. */
    void problem(String message) {
        report.problem(line, path(), message);
    }

    void warn(String message) {
        report.warning(line, path(), message);
    }

    Spot field(String field) {
        if (tree instanceof Tree.Fields fields) {
            int at = fields.indexOf(field);
            if (at >= 0) {
                java.util.Objects.requireNonNull(asked)[at] = true;
                return new Spot(report, this, field, -1, fields.lines()[at], fields.values()[at]);
            }
        }
        return new Spot(report, this, field, -1, line, null);
    }

    /** A field that must be there; of an object that is absent itself nothing is demanded. */
    Spot required(String field, String expected) {
        Spot spot = field(field);
        if (present() && !spot.present()) {
            spot.fail(expected);
        }
        return spot;
    }

    /** False, with a problem, when something else than an object is here. */
    boolean isObject() {
        if (tree != null && !(tree instanceof Tree.Fields)) {
            fail("an object");
        }
        return tree instanceof Tree.Fields;
    }

    /** Fields that are right here but say nothing to a mesh. */
    void ignore(String... fields) {
        for (String field : fields) {
            field(field);
        }
    }

    /** Warns about each field that nobody asked for. */
    void done() {
        if (tree instanceof Tree.Fields fields && asked != null) {
            for (int i = 0; i < asked.length; i++) {
                if (!asked[i]) {
                    report.warning(fields.lines()[i], (parent == null ? "" : path() + ".") + fields.keys()[i], "unknown field, ignored");
                }
            }
        }
    }

    List<Spot> items(int min, int max) {
        if (tree == null) {
            return List.of();
        }
        if (!(tree instanceof Tree.Items items)) {
            fail("a list");
            return List.of();
        }
        int count = items.items().size();
        if (count < min || count > max) {
            fail(min == max ? "exactly " + min + (min == 1 ? " item" : " items") : min == 0 ? "at most " + max + " items" : min + " to " + max + " items");
            if (count > max) {
                return List.of();
            }
        }
        List<Spot> spots = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Tree item = items.items().get(i);
            Spot spot = new Spot(report, this, "", i, item.line() == 0 ? line : item.line(), item);
            if (!spot.present()) {
                spot.fail("a value");
            } else {
                spots.add(spot);
            }
        }
        return spots;
    }

    /** Items that are objects. */
    List<Spot> objects(int min, int max) {
        List<Spot> objects = items(min, max);
        boolean all = true;
        for (Spot spot : objects) {
            all &= spot.isObject();
        }
        return all ? objects : objects.stream().filter(spot -> spot.tree instanceof Tree.Fields).toList();
    }

    /** A list of strings, each at most once where {@code set}. */
    List<String> texts(int min, int max, TextRule rule, boolean set) {
        List<String> texts = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Spot item : items(min, max)) {
            String text = item.text(rule, "");
            if (set && !seen.add(text)) {
                item.fail("each value once");
            }
            texts.add(text);
        }
        return texts;
    }

    Optional<String> text(TextRule rule) {
        if (tree == null) {
            return Optional.empty();
        }
        if (!(tree instanceof Tree.Scalar scalar) || scalar.kind() != Tree.Kind.STRING) {
            fail(tree instanceof Tree.Scalar ? "a string, in quotes" : "a string");
            return Optional.empty();
        }
        if (!rule.allows(scalar.text())) {
            fail(rule.expected());
        }
        return Optional.of(scalar.text());
    }

    String text(TextRule rule, String otherwise) {
        return text(rule).orElse(otherwise);
    }

    OptionalInt integer(int min, int max) {
        if (tree == null) {
            return OptionalInt.empty();
        }
        if (tree instanceof Tree.Scalar scalar && scalar.kind() == Tree.Kind.INTEGER) {
            try {
                long value = Scalars.integer(scalar.text());
                if (value >= min && value <= max) {
                    return OptionalInt.of((int) value);
                }
            } catch (NumberFormatException tooLong) {
                // said below
            }
        }
        fail(max == Integer.MAX_VALUE ? "a whole number, at least " + min : "a whole number from " + min + " to " + max);
        return OptionalInt.empty();
    }

    int integer(int min, int max, int otherwise) {
        return integer(min, max).orElse(otherwise);
    }

    boolean bool(boolean otherwise) {
        if (tree == null) {
            return otherwise;
        }
        if (tree instanceof Tree.Scalar scalar && scalar.kind() == Tree.Kind.BOOLEAN) {
            return scalar.text().equalsIgnoreCase("true");
        }
        fail("true or false");
        return otherwise;
    }

    Optional<Duration> duration() {
        return text(Rules.DURATION).filter(Durations::isValid).map(Durations::parse);
    }

    /** An object whose values are strings. */
    Map<String, String> strings(TextRule key, TextRule value) {
        if (!isObject() || !(tree instanceof Tree.Fields fields)) {
            return Map.of();
        }
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < fields.keys().length; i++) {
            Spot spot = new Spot(report, this, fields.keys()[i], -1, fields.lines()[i], fields.values()[i]);
            if (asked != null) {
                asked[i] = true;
            }
            if (!key.allows(fields.keys()[i])) {
                spot.problem("\"" + fields.keys()[i] + "\" as a name (expected: " + key.expected() + ")");
            } else {
                map.put(fields.keys()[i], spot.text(value, ""));
            }
        }
        return map;
    }

    /** What is here, for kinds that are kept as they are; empty when absent. */
    Map<String, Object> json() {
        if (!isObject() || !(tree instanceof Tree.Fields fields)) {
            return Map.of();
        }
        java.util.Arrays.fill(java.util.Objects.requireNonNull(asked), true);
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < fields.keys().length; i++) {
            if (!Tree.isNull(fields.values()[i])) {
                map.put(fields.keys()[i], fields.values()[i].toJson());
            }
        }
        return map;
    }

    @Nullable Tree tree() {
        return tree;
    }
}
