package heddle.launcher;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a setting's text may be and what Config Admin gets for it. The notation is the one of conf/settings.list. */
sealed interface SettingType {
    /** @param file turns the text of a path into an absolute one
     *  @throws IllegalArgumentException saying what was expected */
    Object parse(String text, UnaryOperator<String> file);

    record Text(String kind, Pattern pattern, String expected) implements SettingType {
        @Override public Object parse(String text, UnaryOperator<String> file) {
            if (!text.isEmpty() && !pattern.matcher(text).matches()) throw new IllegalArgumentException("expected " + expected);
            return text;
        }

        @Override public String toString() {
            return kind;
        }
    }

    record FilePath() implements SettingType {
        @Override public Object parse(String text, UnaryOperator<String> file) {
            return text.isEmpty() ? "" : file.apply(text);
        }

        @Override public String toString() {
            return "path";
        }
    }

    record Choice(List<String> words) implements SettingType {
        @Override public Object parse(String text, UnaryOperator<String> file) {
            if (!words.contains(text)) throw new IllegalArgumentException("expected one of " + String.join(", ", words));
            return text;
        }

        @Override public String toString() {
            return String.join("|", words);
        }
    }

    record Bool() implements SettingType {
        @Override public Object parse(String text, UnaryOperator<String> file) {
            return switch (text) {
                case "true" -> true;
                case "false" -> false;
                default -> throw new IllegalArgumentException("expected true or false");
            };
        }

        @Override public String toString() {
            return "boolean";
        }
    }

    /** @param bytes whether k, m and g may follow the digits */
    record Whole(String kind, boolean wide, boolean bytes, long min, long max) implements SettingType {
        private static final Pattern NUMBER = Pattern.compile("(-?[0-9]{1,18})([kKmMgG]?)");

        @Override public Object parse(String text, UnaryOperator<String> file) {
            Matcher number = NUMBER.matcher(text);
            if (!number.matches() || (!bytes && !number.group(2).isEmpty())) throw new IllegalArgumentException("expected " + range());
            long factor = switch (number.group(2).toLowerCase(Locale.ROOT)) {
                case "k" -> 1L << 10;
                case "m" -> 1L << 20;
                case "g" -> 1L << 30;
                default -> 1;
            };
            long value;
            try {
                value = Math.multiplyExact(Long.parseLong(number.group(1)), factor);
            } catch (ArithmeticException tooBig) {
                throw new IllegalArgumentException("expected " + range(), tooBig);
            }
            if (value < min || value > max) throw new IllegalArgumentException("expected " + range());
            return wide ? (Object) value : (Object) (int) value;
        }

        private String range() {
            String what = bytes ? "a size such as 64k" : "a whole number";
            boolean low = min > (wide ? Long.MIN_VALUE : Integer.MIN_VALUE);
            boolean high = max < (wide ? Long.MAX_VALUE : Integer.MAX_VALUE);
            if (low && high) return what + " from " + min + " to " + max;
            if (low) return what + " of at least " + min;
            return high ? what + " of at most " + max : what;
        }

        @Override public String toString() {
            return kind;
        }
    }

    record Listing(SettingType element) implements SettingType {
        @Override public Object parse(String text, UnaryOperator<String> file) {
            return parseAll(text.isBlank() ? List.of() : Arrays.stream(text.split(",")).map(String::strip).toList(), file);
        }

        Object parseAll(List<String> texts, UnaryOperator<String> file) {
            return texts.stream().map(text -> (String) element.parse(text, file)).toArray(String[]::new);
        }

        @Override public String toString() {
            return "list of " + element;
        }
    }

    Pattern CALL = Pattern.compile("([a-z]+)(?:\\((.*)\\))?");

    /** @throws IllegalArgumentException for a notation that settings.list does not have */
    static SettingType of(String notation) {
        Matcher call = CALL.matcher(notation);
        if (!call.matches()) throw new IllegalArgumentException("no such type: " + notation);
        String argument = call.group(2) == null ? "" : call.group(2);
        return switch (call.group(1)) {
            case "string" -> new Text("string", Pattern.compile("(?s).*"), "text");
            case "path" -> new FilePath();
            case "address" -> new Text("address", Pattern.compile("(?:[^:\\s\\[\\]]+|\\[[0-9a-fA-F:.%]+]):[0-9]{1,5}"), "host:port, such as 127.0.0.1:15020 or [::1]:15020");
            case "cidr" -> new Text("cidr", Pattern.compile("[0-9a-fA-F:.]+/[0-9]{1,3}"), "a range of addresses such as 127.96.0.0/16");
            case "duration" -> new Text("duration", Pattern.compile("([0-9]{1,5}(h|m|s|ms)){1,4}"), "a duration such as 1m30s, 2s or 50ms");
            case "choice" -> new Choice(List.of(argument.split(",")));
            case "boolean" -> new Bool();
            case "int" -> whole("int", false, false, argument, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "long" -> whole("long", true, false, argument, Long.MIN_VALUE, Long.MAX_VALUE);
            case "size" -> whole("size", true, true, argument, 0, Long.MAX_VALUE);
            case "list" -> new Listing(of(argument));
            default -> throw new IllegalArgumentException("no such type: " + notation);
        };
    }

    private static SettingType whole(String kind, boolean wide, boolean bytes, String range, long least, long most) {
        int dots = range.indexOf("..");
        if (dots < 0) return new Whole(kind, wide, bytes, least, most);
        String low = range.substring(0, dots);
        String high = range.substring(dots + 2);
        return new Whole(kind, wide, bytes, low.isEmpty() ? least : Long.parseLong(low), high.isEmpty() ? most : Long.parseLong(high));
    }
}
