package heddle.policy.internal.filter;

import heddle.api.model.RouteFilter.Header;
import heddle.api.model.RouteFilter.HeaderModifier;
import heddle.api.policy.InvalidFilterException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Checks of an HTTPHeaderFilter (SPEC.md F6): one action per name, and no header that frames the message or belongs to the connection. */
final class HeaderEdits {
    private static final int MAX_ACTIONS = 16;
    /** Removed or written by the forwarder on every hop (RFC 9110 §7.6.1); an edit would let messages be read in two ways. */
    private static final Set<String> CONNECTION = Set.of("connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade", "keep-alive",
            "proxy-connection");

    private HeaderEdits() {}

    static HeaderModifier checked(HeaderModifier modifier, String where) throws InvalidFilterException {
        Set<String> names = new HashSet<>();
        headers(modifier.set(), "set", names, where);
        headers(modifier.add(), "add", names, where);
        few(modifier.remove(), "remove", where);
        for (String name : modifier.remove()) name(name, "remove", names, where);
        return modifier;
    }

    private static void headers(List<Header> headers, String field, Set<String> names, String where) throws InvalidFilterException {
        few(headers, field, where);
        for (Header header : headers) {
            name(header.name(), field, names, where);
            if (!isFieldValue(header.value())) {
                throw new InvalidFilterException(field + "[" + header.name() + "].value: (expected: no control characters) in " + where);
            }
        }
    }

    private static void few(List<?> actions, String field, String where) throws InvalidFilterException {
        if (actions.size() > MAX_ACTIONS) throw new InvalidFilterException(field + ": " + actions.size() + " entries (expected: at most " + MAX_ACTIONS + ") in " + where);
    }

    private static void name(String name, String field, Set<String> names, String where) throws InvalidFilterException {
        if (!isToken(name)) throw new InvalidFilterException(field + ".name: " + name + " (expected: a header name) in " + where);
        String lower = name.toLowerCase(Locale.ROOT);
        if (CONNECTION.contains(lower)) throw new InvalidFilterException(field + ".name: " + name + " (expected: no header of the connection or the message's framing) in " + where);
        if (lower.equals("host") && !field.equals("set")) throw new InvalidFilterException(field + ".name: " + name + " (expected: Host is only set) in " + where);
        if (!names.add(lower)) throw new InvalidFilterException(field + ".name: " + name + " (expected: one action per header name) in " + where);
    }

    static boolean isToken(String name) {
        return !name.isEmpty() && name.chars().allMatch(c -> c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
    }

    static boolean isFieldValue(String value) {
        return value.chars().allMatch(c -> c >= ' ' && c != 0x7f || c == '\t');
    }
}
