package heddle.match.internal;

/** What every string that a pattern matches starts with, for finding the pattern; never more than that. */
final class LiteralPrefix {
    private static final String SPECIAL = "\\.+*?()|[]{}^$";

    private LiteralPrefix() {}

    /** Whole path elements: for {@code /users/[0-9]+} the prefix {@code /users}; "" when there is none. */
    static String elements(String pattern) {
        String literal = literal(pattern);
        int slash = literal.lastIndexOf('/');
        return slash <= 0 || literal.charAt(0) != '/' ? "" : literal.substring(0, slash);
    }

    private static String literal(String pattern) {
        if (hasTopLevelAlternative(pattern)) return "";
        StringBuilder literal = new StringBuilder();
        for (int i = pattern.startsWith("^") ? 1 : 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '\\' && i + 1 < pattern.length() && !Character.isLetterOrDigit(pattern.charAt(i + 1))) {
                literal.append(pattern.charAt(++i));                       // an escaped sign stands for itself
            } else if (SPECIAL.indexOf(c) >= 0) {
                if (c == '*' || c == '?' || c == '{') literal.setLength(Math.max(0, literal.length() - 1));   // the sign before may be absent
                break;
            } else {
                literal.append(c);
            }
        }
        return literal.toString();
    }

    /** Judged roughly: any | outside of parentheses, or any that cannot be told. */
    private static boolean hasTopLevelAlternative(String pattern) {
        int bar = pattern.indexOf('|');
        int open = pattern.indexOf('(');
        if (bar < 0) return false;
        if (open < 0 || bar < open) return true;
        int depth = 0;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '\\' || c == '[') return true;                        // not worth a parser: such patterns just have no prefix
            if (c == '(') depth++;
            if (c == ')') depth--;
            if (c == '|' && depth == 0) return true;
        }
        return false;
    }
}
