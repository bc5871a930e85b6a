package heddle.gateway.internal;

import java.util.List;
import java.util.function.Predicate;

/** What a string field may hold: a length in characters, a shape, and the words for it. Shapes are written out by hand, so that none
 *  can be made to backtrack by a hostile value. */
record TextRule(String expected, int min, int max, Predicate<String> shape) {
    static final TextRule ANY = new TextRule("a string", 0, Integer.MAX_VALUE, text -> true);

    static TextRule upTo(int max) {
        return new TextRule("at most " + max + " characters", 0, max, text -> true);
    }

    static TextRule between(int min, int max) {
        return new TextRule(min + " to " + max + " characters", min, max, text -> true);
    }

    static TextRule oneOf(String... words) {
        List<String> allowed = List.of(words);
        return new TextRule("one of " + String.join(", ", allowed), 0, Integer.MAX_VALUE, allowed::contains);
    }

    boolean allows(String text) {
        int length = text.length() <= min || text.length() > max ? text.codePointCount(0, text.length()) : text.length();
        return length >= min && length <= max && shape.test(text);
    }
}
