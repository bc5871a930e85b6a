package heddle.match.internal;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Query parameters as SPEC.md M8 reads them: the first of a name counts, names and values are percent-decoded as UTF-8, {@code +} stays
 *  {@code +}, a broken escape stays as it is, a name without {@code =} has the value "". */
final class QueryString {
    private QueryString() {}

    /** The first value of a name, or {@link Dimension#ABSENT}. Without escapes it costs a scan and one substring. */
    static String first(String query, String name) {
        int length = query.length();
        for (int start = 0; start < length; ) {
            int end = query.indexOf('&', start);
            if (end < 0) end = length;
            int equals = equalsSign(query, start, end);
            if (isName(query, start, equals, name)) return equals == end ? "" : decode(query, equals + 1, end);
            start = end + 1;
        }
        return Dimension.ABSENT;
    }

    /** Every name with its first value, in order. */
    static Map<String, String> all(String query) {
        Map<String, String> all = new LinkedHashMap<>();
        int length = query.length();
        for (int start = 0; start < length; ) {
            int end = query.indexOf('&', start);
            if (end < 0) end = length;
            int equals = equalsSign(query, start, end);
            if (start < end) all.putIfAbsent(decode(query, start, equals), equals == end ? "" : decode(query, equals + 1, end));
            start = end + 1;
        }
        return all;
    }

    private static int equalsSign(String query, int start, int end) {
        for (int i = start; i < end; i++) {
            if (query.charAt(i) == '=') return i;
        }
        return end;
    }

    private static boolean isName(String query, int start, int end, String name) {
        if (end - start == name.length() && query.startsWith(name, start)) return isPlain(query, start, end) || decode(query, start, end).equals(name);
        return end - start > name.length() && !isPlain(query, start, end) && decode(query, start, end).equals(name);
    }

    private static boolean isPlain(String query, int start, int end) {
        for (int i = start; i < end; i++) {
            char c = query.charAt(i);
            if (c == '%' || c >= 0x80) return false;
        }
        return true;
    }

    private static String decode(String query, int start, int end) {
        if (isPlain(query, start, end)) return query.substring(start, end);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(end - start);
        for (int i = start; i < end; i++) {
            char c = query.charAt(i);
            int high = c == '%' && i + 2 < end ? Character.digit(query.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(query.charAt(i + 2), 16);
            if (low >= 0) {
                bytes.write(high << 4 | low);
                i += 2;
            } else if (c > 0xff) {
                bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
            } else {
                bytes.write(c);                                  // a head's characters are bytes
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
