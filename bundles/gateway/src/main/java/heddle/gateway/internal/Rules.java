package heddle.gateway.internal;

import heddle.api.model.Durations;

/** The string patterns of the Gateway API's CRDs and of Kubernetes' own kinds, each once, under the name of its Go type. */
final class Rules {
    /** apis/v1/shared_types.go: Group */
    static final TextRule GROUP = new TextRule("empty or a DNS subdomain of at most 253 characters", 0, 253, text -> text.isEmpty() || isSubdomain(text));
    /** apis/v1/shared_types.go: Kind */
    static final TextRule KIND = new TextRule("a kind: letters, digits and '-', at most 63 characters", 1, 63, Rules::isKind);
    /** apis/v1/shared_types.go: ObjectName */
    static final TextRule OBJECT_NAME = TextRule.between(1, 253);
    /** apis/v1/shared_types.go: Namespace */
    static final TextRule NAMESPACE = new TextRule("a DNS label of at most 63 characters", 1, 63, Rules::isLabel);
    /** apis/v1/shared_types.go: SectionName */
    static final TextRule SECTION_NAME = new TextRule("a DNS subdomain of at most 253 characters", 1, 253, Rules::isSubdomain);
    /** apis/v1/shared_types.go: Hostname */
    static final TextRule HOSTNAME = new TextRule("a host name in lower case, its first label may be '*'", 1, 253,
            text -> isSubdomain(text.startsWith("*.") ? text.substring(2) : text));
    /** apis/v1/shared_types.go: PreciseHostname */
    static final TextRule PRECISE_HOSTNAME = new TextRule("a host name in lower case, without wildcard", 1, 253, Rules::isSubdomain);
    /** apis/v1/httproute_types.go: HTTPHeaderName (also of query parameters) */
    static final TextRule HEADER_NAME = new TextRule("an HTTP token of at most 256 characters", 1, 256, Rules::isToken);
    /** apis/v1/httproute_types.go: HTTPHeader.Value */
    static final TextRule HEADER_VALUE = new TextRule("visible ASCII, single spaces or tabs between, at most 4096 characters", 1, 4096, Rules::isHeaderValue);
    /** apis/v1/httproute_types.go: HTTPPathMatch CEL, HTTPExternalAuthFilter http.path */
    static final TextRule PATH_CHARACTERS = new TextRule("only characters of a path: RFC 3986 pchar, '/' and %XX", 1, 1024, Rules::isPath);
    /** apis/v1/shared_types.go: Duration (GEP-2257) */
    static final TextRule DURATION = new TextRule("a duration such as 10s, 500ms or 1h30m", 1, Integer.MAX_VALUE, Durations::isValid);
    /** apis/v1/httproute_types.go: CORSOrigin */
    static final TextRule CORS_ORIGIN = new TextRule("'*' or http(s)://HOST[:PORT], the host may begin with '*.'", 1, 253, Rules::isCorsOrigin);
    /** apimachinery validation: IsQualifiedName */
    static final TextRule QUALIFIED_NAME = new TextRule("a qualified name: [PREFIX/]NAME", 1, 317, Rules::isQualifiedName);
    /** apimachinery validation: IsValidLabelValue */
    static final TextRule LABEL_VALUE = new TextRule("empty or letters, digits, '-', '_' and '.', at most 63 characters", 0, 63,
            text -> text.isEmpty() || isLabelPart(text));
    /** apimachinery validation: IsValidPortName */
    static final TextRule PORT_NAME = new TextRule("a port name: lower-case letters, digits and '-', at least one letter, at most 15 characters", 1, 15,
            text -> isLabel(text) && text.chars().anyMatch(c -> c >= 'a' && c <= 'z') && !text.contains("--"));

    /** One bit for each ASCII character that a set holds: checks run for every string of every manifest, most of them before any compiler has. */
    private static boolean[] set(String... ranges) {
        boolean[] set = new boolean[128];
        for (String range : ranges) {
            for (char c = range.charAt(0); c <= range.charAt(range.length() - 1); c++) {
                set[c] = true;
            }
        }
        return set;
    }

    private static final boolean[] LOWER = set("az", "09", "-");
    private static final boolean[] KIND_CHARACTERS = set("az", "AZ", "09", "-");
    private static final boolean[] LABEL_CHARACTERS = set("az", "AZ", "09", "-", "_", ".");
    private static final boolean[] TOKEN = set("az", "AZ", "09", "!", "#", "$", "%", "&", "'", "*", "+", "-", ".", "^", "_", "`", "|", "~");
    private static final boolean[] PATH = set("az", "AZ", "09", "-", "/", ".", "_", "~", "!", "$", "&", "'", "(", ")", "*", "+", ",", ";", "=", ":", "@");

    private static boolean all(String text, int from, int to, boolean[] set) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c >= 128 || !set[c]) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLower(char c) {
        return c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
    }

    private static boolean isAlphanumeric(char c) {
        return isLower(c) || c >= 'A' && c <= 'Z';
    }

    /** {@code [a-z0-9]([-a-z0-9]*[a-z0-9])?} */
    static boolean isLabel(String text) {
        return isLabel(text, 0, text.length());
    }

    private static boolean isLabel(String text, int from, int to) {
        return to > from && isLower(text.charAt(from)) && isLower(text.charAt(to - 1)) && all(text, from, to, LOWER);
    }

    /** Labels joined by '.'. */
    static boolean isSubdomain(String text) {
        int from = 0;
        for (int dot = text.indexOf('.'); dot >= 0; dot = text.indexOf('.', from)) {
            if (!isLabel(text, from, dot)) {
                return false;
            }
            from = dot + 1;
        }
        return isLabel(text, from, text.length());
    }

    /** {@code ^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$} */
    private static boolean isKind(String text) {
        char first = text.charAt(0);
        return isAlphanumeric(first) && (first < '0' || first > '9') && isAlphanumeric(text.charAt(text.length() - 1))
                && all(text, 0, text.length(), KIND_CHARACTERS);
    }

    private static boolean isToken(String text) {
        return all(text, 0, text.length(), TOKEN);
    }

    /** {@code ^[!-~]+([\t ]?[!-~]+)*$} */
    private static boolean isHeaderValue(String text) {
        boolean gap = true;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean space = c == ' ' || c == '\t';
            if (space ? gap : c < '!' || c > '~') {
                return false;
            }
            gap = space;
        }
        return !gap;
    }

    private static boolean isPath(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                if (i + 2 >= text.length() || Character.digit(text.charAt(i + 1), 16) < 0 || Character.digit(text.charAt(i + 2), 16) < 0
                        || text.charAt(i + 1) > 'f' || text.charAt(i + 2) > 'f') {
                    return false;
                }
                i += 2;
            } else if (c >= 128 || !PATH[c]) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /** {@code (^\*$)|(^(http(s)?):\/\/(((\*\.)?([a-zA-Z0-9\-]+\.)*[a-zA-Z0-9-]+|\*)(:([0-9]{1,5}))?)$)} */
    private static boolean isCorsOrigin(String text) {
        if (text.equals("*")) {
            return true;
        }
        int scheme = text.startsWith("https://") ? 8 : text.startsWith("http://") ? 7 : -1;
        if (scheme < 0) {
            return false;
        }
        String host = text.substring(scheme);
        int colon = host.indexOf(':');
        if (colon >= 0) {
            String port = host.substring(colon + 1);
            if (port.isEmpty() || port.length() > 5 || !port.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return false;
            }
            host = host.substring(0, colon);
        }
        if (host.equals("*")) {
            return true;
        }
        for (String label : (host.startsWith("*.") ? host.substring(2) : host).split("\\.", -1)) {
            if (label.isEmpty() || !all(label, 0, label.length(), KIND_CHARACTERS)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLabelPart(String text) {
        return !text.isEmpty() && text.length() <= 63 && isAlphanumeric(text.charAt(0)) && isAlphanumeric(text.charAt(text.length() - 1))
                && all(text, 0, text.length(), LABEL_CHARACTERS);
    }

    private static boolean isQualifiedName(String text) {
        int slash = text.indexOf('/');
        return slash < 0 ? isLabelPart(text)
                : slash <= 253 && isSubdomain(text.substring(0, slash)) && isLabelPart(text.substring(slash + 1));
    }

    private Rules() {}
}
