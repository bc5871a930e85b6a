package heddle.match.internal;

import heddle.api.match.BadPathException;
import heddle.api.match.RequestPath;

/** A rule's path value in the form that request paths have (SPEC.md M5): {@code /caf%c3%a9} must find {@code /caf%C3%A9}. */
final class MatchPath {
    private MatchPath() {}

    static String exact(String value) {
        try {
            return RequestPath.normalize(value);
        } catch (BadPathException e) {
            return value;                                           // matches nothing; the compiler refuses it by name
        }
    }

    /** Without the trailing slash, which says nothing (SPEC.md M2); "/" becomes "". */
    static String prefix(String value) {
        String path = exact(value);
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    static boolean isUsable(String value) {
        try {
            RequestPath.normalize(value);
            return value.startsWith("/");
        } catch (BadPathException e) {
            return false;
        }
    }
}
