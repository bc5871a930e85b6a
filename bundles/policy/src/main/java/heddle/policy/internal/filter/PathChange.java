package heddle.policy.internal.filter;

import heddle.api.match.BadPathException;
import heddle.api.match.RequestHead;
import heddle.api.match.RequestPath;
import heddle.api.model.HttpMatch;
import heddle.api.model.PathMatch;
import heddle.api.model.RouteFilter.PathModifier;
import heddle.api.policy.FilterSpec;
import heddle.api.policy.InvalidFilterException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** HTTPPathModifier (SPEC.md F7), for redirects and rewrites. Works on the normalised path (M5); the query stays as received unless the
 *  new full path brings its own. */
sealed interface PathChange {
    /** The new path and query for the request. */
    String target(RequestHead request);

    /** As it came, the path of an absolute form; what has no path becomes "/". */
    record Keep() implements PathChange {
        @Override public String target(RequestHead request) {
            String target = request.target();
            if (target.startsWith("/")) return target;
            int scheme = target.indexOf("://");
            int path = scheme < 0 ? -1 : target.indexOf('/', scheme + 3);
            int query = target.indexOf('?');
            if (path < 0 || query >= 0 && query < path) return query < 0 ? "/" : "/" + target.substring(query);
            return target.substring(path);
        }
    }

    record Full(String path, boolean ownQuery) implements PathChange {
        @Override public String target(RequestHead request) {
            return ownQuery ? path : withQuery(path, request);
        }
    }

    /** @param prefix      what the rule matched, without a trailing slash
     *  @param replacement without a trailing slash; "" removes the prefix */
    record Prefix(String prefix, String replacement) implements PathChange {
        @Override public String target(RequestHead request) {
            String path = request.path();
            // An earlier filter may have moved the path from under the prefix: then there is nothing to replace.
            boolean under = path.startsWith(prefix) && (path.length() == prefix.length() || path.charAt(prefix.length()) == '/');
            String changed = under ? replacement + path.substring(prefix.length()) : path;
            return withQuery(changed.isEmpty() ? "/" : changed, request);
        }
    }

    private static String withQuery(String path, RequestHead request) {
        String query = request.query();
        return query.isEmpty() ? path : path + "?" + query;
    }

    static PathChange of(Optional<PathModifier> modifier, FilterSpec spec) throws InvalidFilterException {
        if (modifier.isEmpty()) return new Keep();
        return switch (modifier.get()) {
            case PathModifier.ReplaceFullPath full -> {
                String path = encoded(full.value(), "path.replaceFullPath", spec);
                if (!path.startsWith("/")) path = "/" + path;
                yield new Full(path, path.indexOf('?') >= 0);
            }
            case PathModifier.ReplacePrefixMatch prefix -> {
                String replacement = encoded(prefix.value(), "path.replacePrefixMatch", spec);
                if (replacement.indexOf('?') >= 0) throw new InvalidFilterException("path.replacePrefixMatch: " + prefix.value() + " (expected: no query) in " + spec.where());
                if (!replacement.isEmpty() && !replacement.startsWith("/")) replacement = "/" + replacement;
                yield new Prefix(matchedPrefix(spec), withoutTrailingSlash(replacement));
            }
            case PathModifier.Unknown unknown ->
                throw new InvalidFilterException("path.type: " + unknown.type() + " (expected: ReplaceFullPath or ReplacePrefixMatch) in " + spec.where());
        };
    }

    private static String matchedPrefix(FilterSpec spec) throws InvalidFilterException {
        if (spec.matches().size() == 1 && spec.matches().getFirst() instanceof HttpMatch match && match.path() instanceof PathMatch.Prefix prefix) {
            try {
                return withoutTrailingSlash(RequestPath.normalize(prefix.value()));
            } catch (BadPathException e) {
                throw new InvalidFilterException("matches[0].path.value: " + prefix.value() + " (" + e.getMessage() + ") in " + spec.where());
            }
        }
        throw new InvalidFilterException("path.replacePrefixMatch: (expected: the rule has exactly one match, of type PathPrefix) in " + spec.where());
    }

    private static String withoutTrailingSlash(String path) {
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    private static String encoded(String path, String field, FilterSpec spec) throws InvalidFilterException {
        if (path.chars().anyMatch(c -> c <= ' ' || c == 0x7f || c == '#')) {
            throw new InvalidFilterException(field + ": " + path + " (expected: no spaces, control characters or #) in " + spec.where());
        }
        StringBuilder ascii = new StringBuilder();
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            if (b > 0) ascii.append((char) b);
            else ascii.append('%').append(String.format("%02X", b));
        }
        return ascii.toString();
    }
}
