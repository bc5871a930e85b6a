package heddle.api.match;

/** The path of a request target as rules are matched against it: the one place of SPEC.md M5. For matching only: the original bytes are
 *  forwarded unless a rewrite applies. Percent escapes of unreserved characters are decoded, the hex digits of the others become upper
 *  case (so {@code %2F} stays data), dot segments are resolved ({@code %2e} too), slashes are not merged. Pure functions; a target
 *  in which nothing is to do costs one scan and no copy beyond cutting off its query. */
public final class RequestPath {
    private static final String HEX = "0123456789ABCDEF";

    private RequestPath() {}

    /** The normalised path of a request target of any form.
     *  @param method decides what {@code *} and an authority may mean
     *  @return starts with "/"; "" for {@code *}, CONNECT's authority and OPTIONS of a whole server, which have no path */
    public static String of(String method, String target) throws BadPathException {
        if (target.isEmpty()) throw BadPathException.FORM;
        if (target.charAt(0) == '/') return normalize(cut(target, 0));
        if (target.equals("*")) {
            if (method.equals("OPTIONS")) return "";
            throw BadPathException.FORM;
        }
        if (method.equals("CONNECT")) {
            if (target.indexOf('/') >= 0 || target.indexOf('?') >= 0) throw BadPathException.FORM;
            return "";
        }
        int start = absolutePathStart(target);
        if (start < 0) throw BadPathException.FORM;
        if (start == target.length() && method.equals("OPTIONS")) return "";       // RFC 9112 §3.2.4: the server as a whole
        if (start == target.length() || target.charAt(start) == '?') return "/";
        return normalize(cut(target, start));
    }

    /** The raw query of a request target: what follows the first {@code ?}; "" when there is none. */
    public static String query(String target) {
        int mark = target.indexOf('?');
        return mark < 0 ? "" : target.substring(mark + 1);
    }

    /** Normalises a path that starts with "/" and has no query. Gives back the same instance when nothing is to do. */
    public static String normalize(String path) throws BadPathException {
        int length = path.length();
        for (int i = 0; i < length; i++) {
            char c = path.charAt(i);
            if (c == '%' || c <= ' ' || c == '#' || c == 0x7f) return decoded(path, i);
            if (c == '.' && dotSegmentAt(path, i)) return decoded(path, i);
        }
        return path;
    }

    /** Whether a segment starts at {@code i} that is "." or "..", judged on raw characters. */
    private static boolean dotSegmentAt(String path, int i) {
        if (i == 0 || path.charAt(i - 1) != '/') return false;
        int end = i + 1;
        if (end < path.length() && path.charAt(end) == '.') end++;
        return end == path.length() || path.charAt(end) == '/' || path.charAt(end) == '%';
    }

    private static String decoded(String path, int from) throws BadPathException {
        StringBuilder out = new StringBuilder(path.length()).append(path, 0, from);
        int length = path.length();
        for (int i = from; i < length; i++) {
            char c = path.charAt(i);
            if (c <= ' ' || c == '#' || c == 0x7f) throw BadPathException.CHARACTER;
            if (c != '%') {
                out.append(c);
                continue;
            }
            if (i + 2 >= length) throw BadPathException.ESCAPE;
            int high = hex(path.charAt(i + 1));
            int low = hex(path.charAt(i + 2));
            if (high < 0 || low < 0) throw BadPathException.ESCAPE;
            int value = high << 4 | low;
            if (value == 0) throw BadPathException.CHARACTER;
            if (unreserved(value)) out.append((char) value);
            else out.append('%').append(HEX.charAt(high)).append(HEX.charAt(low));
            i += 2;
        }
        return withoutDotSegments(out.toString());
    }

    /** RFC 3986 §5.2.4, except that climbing above the root is a fault. */
    private static String withoutDotSegments(String path) throws BadPathException {
        if (!path.contains("/.")) return path;
        StringBuilder out = new StringBuilder(path.length());
        int length = path.length();
        for (int slash = 0; slash < length; ) {
            int next = path.indexOf('/', slash + 1);
            int end = next < 0 ? length : next;
            int size = end - slash - 1;
            boolean dot = size == 1 && path.charAt(slash + 1) == '.';
            boolean dots = size == 2 && path.charAt(slash + 1) == '.' && path.charAt(slash + 2) == '.';
            if (dots) {
                if (out.isEmpty()) throw BadPathException.CLIMBS;
                out.setLength(out.lastIndexOf("/"));
            } else if (!dot) {
                out.append(path, slash, end);
            }
            if ((dot || dots) && next < 0) out.append('/');                          // /a/. is the folder /a/
            slash = end;
        }
        return out.toString();
    }

    private static String cut(String target, int start) {
        int mark = target.indexOf('?', start);
        return mark < 0 && start == 0 ? target : target.substring(start, mark < 0 ? target.length() : mark);
    }

    /** Where path or query of {@code scheme://authority...} starts (its length when there is neither); -1 when it is no absolute URI. */
    private static int absolutePathStart(String target) {
        int colon = target.indexOf("://");
        if (colon <= 0) return -1;
        for (int i = 0; i < colon; i++) {
            char c = target.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
            boolean other = i > 0 && (c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.');
            if (!letter && !other) return -1;
        }
        int authority = colon + 3;
        int i = authority;
        while (i < target.length() && target.charAt(i) != '/' && target.charAt(i) != '?') {
            if (target.charAt(i) == '#') return -1;
            i++;
        }
        return i == authority ? -1 : i;
    }

    private static boolean unreserved(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~';
    }

    private static int hex(char c) {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'A' && c <= 'F') return c - 'A' + 10;
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    }
}
