package heddle.api.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Kubernetes label selector string: {@code app=blender,tier!=test,env in (a,b),!legacy}. All requirements must hold. */
public record LabelSelector(String text, List<Predicate<Map<String, String>>> requirements) implements Predicate<Map<String, String>> {
    private static final String NAME = "[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";
    private static final String KEY = "(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?/)?" + NAME;
    private static final String VALUE = "(?:" + NAME + ")?";
    private static final Pattern EQUALITY = Pattern.compile("(" + KEY + ")\\s*(==|=|!=)\\s*(" + VALUE + ")");
    private static final Pattern SET = Pattern.compile("(" + KEY + ")\\s+(in|notin)\\s*\\(([^()]*)\\)");
    private static final Pattern EXISTS = Pattern.compile("(!?)\\s*(" + KEY + ")");

    public LabelSelector {
        requirements = List.copyOf(requirements);
    }

    /** @throws IllegalArgumentException naming the requirement that cannot be read */
    public static LabelSelector parse(String text) {
        List<Predicate<Map<String, String>>> requirements = new ArrayList<>();
        for (String part : parts(text)) requirements.add(requirement(part.strip(), text));
        if (requirements.isEmpty()) throw new IllegalArgumentException("label selector is empty");
        return new LabelSelector(text, requirements);
    }

    @Override public boolean test(Map<String, String> labels) {
        for (Predicate<Map<String, String>> requirement : requirements) if (!requirement.test(labels)) return false;
        return true;
    }

    private static Predicate<Map<String, String>> requirement(String part, String whole) {
        Matcher equality = EQUALITY.matcher(part);
        if (equality.matches()) {
            String key = equality.group(1);
            String value = equality.group(3);
            boolean negated = equality.group(2).equals("!=");
            return labels -> value.equals(labels.get(key)) != negated;
        }
        Matcher set = SET.matcher(part);
        if (set.matches()) {
            String key = set.group(1);
            List<String> values = Arrays.stream(set.group(3).split(",", -1)).map(String::strip).toList();
            for (String value : values) if (!value.matches(VALUE)) throw bad(part, whole);
            boolean negated = set.group(2).equals("notin");
            return labels -> (labels.containsKey(key) && values.contains(labels.get(key))) != negated;
        }
        Matcher exists = EXISTS.matcher(part);
        if (!exists.matches()) throw bad(part, whole);
        String key = exists.group(2);
        boolean negated = !exists.group(1).isEmpty();
        return labels -> labels.containsKey(key) != negated;
    }

    private static IllegalArgumentException bad(String part, String whole) {
        return new IllegalArgumentException("\"" + part + "\" in \"" + whole + "\" (expected: key=value, key!=value, key in (a,b), key notin (a,b), key or !key)");
    }

    /** Splits at commas outside parentheses. */
    private static List<String> parts(String text) {
        if (text.isBlank()) return List.of();
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '(') depth++;
            else if (c == ')') depth--;
            else if (c == ',' && depth == 0) {
                parts.add(text.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(text.substring(start));
        return parts;
    }
}
