package heddle.policy.internal.filter;

import heddle.api.policy.FilterSpec;
import heddle.api.policy.InvalidFilterException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** HTTPCORSFilter.allowOrigins (SPEC.md F11). Scheme and host ignore case, a missing port is the scheme's, {@code *} in front of the host
 *  takes any number of labels.
 *  @param any {@code *} alone */
record CorsOrigins(boolean any, List<Origin> allowed) {

    /** @param host without the wildcard; a leading dot stays */
    private record Origin(String scheme, boolean wildcard, String host, int port) {}

    static CorsOrigins of(List<String> allowOrigins, FilterSpec spec) throws InvalidFilterException {
        if (allowOrigins.equals(List.of("*"))) return new CorsOrigins(true, List.of());
        List<Origin> allowed = new ArrayList<>();
        for (String text : allowOrigins) {
            Origin origin = parse(text);
            if (origin == NONE || origin.host.indexOf('*') >= 0) {
                throw new InvalidFilterException("allowOrigins: " + text + " (expected: * alone, or http[s]://[*.]host[:port]) in " + spec.where());
            }
            allowed.add(origin);
        }
        return new CorsOrigins(false, List.copyOf(allowed));
    }

    boolean allows(String requestOrigin) {
        if (any) return !requestOrigin.isEmpty();
        Origin origin = parse(requestOrigin);
        if (origin == NONE || origin.wildcard) return false;
        for (Origin candidate : allowed) {
            if (!candidate.scheme.equals(origin.scheme) || candidate.port != origin.port) continue;
            boolean host = candidate.wildcard ? origin.host.endsWith(candidate.host) && origin.host.length() > candidate.host.length() : origin.host.equals(candidate.host);
            if (host) return true;
        }
        return false;
    }

    private static final Origin NONE = new Origin("", false, "", 0);

    private static Origin parse(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        String scheme = lower.startsWith("https://") ? "https" : lower.startsWith("http://") ? "http" : "";
        if (scheme.isEmpty()) return NONE;
        String host = lower.substring(scheme.length() + 3);
        int port = scheme.equals("https") ? 443 : 80;
        int colon = host.lastIndexOf(':');
        if (colon >= 0 && host.indexOf(']', colon) < 0) {
            try {
                port = Integer.parseInt(host.substring(colon + 1));
            } catch (NumberFormatException e) {
                return NONE;
            }
            host = host.substring(0, colon);
        }
        if (host.isEmpty() || port < 1 || port > 65_535 || host.indexOf('/') >= 0) return NONE;
        boolean wildcard = host.startsWith("*");
        return new Origin(scheme, wildcard, wildcard ? host.substring(1) : host, port);
    }
}
