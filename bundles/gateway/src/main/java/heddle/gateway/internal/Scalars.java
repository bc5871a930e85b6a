package heddle.gateway.internal;

/** What a plain scalar means: YAML 1.2's core schema, so that {@code yes} and {@code on} stay strings. */
final class Scalars {
    static Tree.Kind kindOf(String text) {
        if (text.isEmpty()) {
            return Tree.Kind.NULL;
        }
        char first = text.charAt(0);
        if (first >= '0' && first <= '9' || first == '-' || first == '+' || first == '.') {
            return isInteger(text) ? Tree.Kind.INTEGER : isFloat(text) ? Tree.Kind.FLOAT : Tree.Kind.STRING;
        }
        return switch (text) {
            case "~", "null", "Null", "NULL" -> Tree.Kind.NULL;
            case "true", "True", "TRUE", "false", "False", "FALSE" -> Tree.Kind.BOOLEAN;
            default -> Tree.Kind.STRING;
        };
    }

    /** @throws NumberFormatException when it does not fit */
    static long integer(String text) {
        if (text.startsWith("0x")) {
            return Long.parseLong(text.substring(2), 16);
        }
        return text.startsWith("0o") ? Long.parseLong(text.substring(2), 8) : Long.parseLong(text);
    }

    static double floating(String text) {
        String plain = text.toLowerCase(java.util.Locale.ROOT);
        return switch (plain) {
            case ".inf", "+.inf" -> Double.POSITIVE_INFINITY;
            case "-.inf" -> Double.NEGATIVE_INFINITY;
            case ".nan" -> Double.NaN;
            default -> Double.parseDouble(plain);
        };
    }

    private static boolean isInteger(String text) {
        if (text.startsWith("0x") || text.startsWith("0o")) {
            return text.length() > 2 && text.chars().skip(2).allMatch(c -> Character.digit(c, text.charAt(1) == 'x' ? 16 : 8) >= 0);
        }
        int from = text.charAt(0) == '-' || text.charAt(0) == '+' ? 1 : 0;
        return digits(text, from) == text.length() && text.length() > from;
    }

    /** {@code [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?} */
    private static boolean isFloat(String text) {
        int at = text.charAt(0) == '-' || text.charAt(0) == '+' ? 1 : 0;
        String rest = text.substring(at);
        if (rest.equalsIgnoreCase(".inf") || text.equalsIgnoreCase(".nan")) {
            return true;
        }
        int whole = digits(text, at);
        int end = whole;
        if (end < text.length() && text.charAt(end) == '.') {
            end = digits(text, end + 1);
        }
        if (end - at - (end > whole ? 1 : 0) < 1) {
            return false;
        }
        if (end < text.length() && (text.charAt(end) | 0x20) == 'e') {
            int sign = end + 1 < text.length() && (text.charAt(end + 1) == '-' || text.charAt(end + 1) == '+') ? 1 : 0;
            int exponent = digits(text, end + 1 + sign);
            return exponent == text.length() && exponent > end + 1 + sign;
        }
        return end == text.length();
    }

    private static int digits(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at;
    }

    private Scalars() {}
}
