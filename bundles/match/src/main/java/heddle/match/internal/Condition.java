package heddle.match.internal;

import com.google.re2j.Pattern;
import heddle.api.match.Candidate.NamedPredicate;
import heddle.api.match.RequestHead;

/** One condition of a match, compiled. All conditions of a match must hold (SPEC.md M6). */
sealed interface Condition {
    boolean holds(RequestHead head);

    record Equal(Dimension dimension, String value) implements Condition {
        @Override public boolean holds(RequestHead head) {
            String given = dimension.value(head);
            return given != Dimension.ABSENT && value.equals(given);
        }
    }

    /** The whole value matches (SPEC.md M10). */
    record Whole(Dimension dimension, Pattern pattern) implements Condition {
        @Override public boolean holds(RequestHead head) {
            String value = dimension.value(head);
            return value != Dimension.ABSENT && pattern.matches(value);
        }
    }

    /** A pattern for Host is tried without and with the port: it cannot be told whether it names one (SPEC.md M7). */
    record WholeHost(Pattern pattern) implements Condition {
        @Override public boolean holds(RequestHead head) {
            String authority = head.authority();
            if (authority.isEmpty()) return false;
            String host = Authority.withoutPort(authority);
            return pattern.matches(host) || host.length() != authority.length() && pattern.matches(authority);
        }
    }

    record PathEqual(String path) implements Condition {
        @Override public boolean holds(RequestHead head) {
            return path.equals(head.path());
        }
    }

    /** @param prefix normalised, without its trailing slash (SPEC.md M2) */
    record PathUnder(String prefix) implements Condition {
        @Override public boolean holds(RequestHead head) {
            String path = head.path();
            return path.startsWith(prefix) && (path.length() == prefix.length() || path.charAt(prefix.length()) == '/');
        }
    }

    /** A target without a path matches no path condition, {@code .*} included (SPEC.md M5). */
    record PathWhole(Pattern pattern) implements Condition {
        @Override public boolean holds(RequestHead head) {
            String path = head.path();
            return !path.isEmpty() && pattern.matches(path);
        }
    }

    record Rpc() implements Condition {
        @Override public boolean holds(RequestHead head) {
            return RpcPath.is(head.path());
        }
    }

    /** A vendor's match kind. */
    record Vendor(NamedPredicate predicate) implements Condition {
        @Override public boolean holds(RequestHead head) {
            return predicate.test().test(head);
        }
    }
}
