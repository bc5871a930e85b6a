package heddle.policy.internal.filter;

import heddle.api.match.RequestHead;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterAction.Field;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What both kinds of external authorization answer. */
final class AuthReplies {
    /** How long the authorization server may take; beyond it counts as a fault. */
    static final Duration LIMIT = Duration.ofSeconds(5);
    /** Belong to the connection, to the authorization server's own body, or to the forwarder. */
    private static final Set<String> NOT_PASSED = Set.of("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "content-length",
            "host", "grpc-status", "grpc-message", "server", "date");

    private AuthReplies() {}

    /** Whether a header of the authorization's answer may go on, to the client or to the backend. */
    static boolean passes(String name) {
        return !name.startsWith(":") && !NOT_PASSED.contains(name.toLowerCase(Locale.ROOT));
    }

    /** Any trouble with the authorization server refuses the request. */
    static FilterAction fault(RequestHead request) {
        return Replies.failure(request, 403, 7, "auth-unavailable", "the authorization server gave no usable answer", List.of());
    }

    static FilterAction refused(RequestHead request, int status, List<Field> headers, byte[] body) {
        if (Replies.isGrpc(request)) return Replies.failure(request, status, status == 401 ? 16 : 7, "auth-refused", "refused by authorization", List.of());
        if (body.length == 0 && status >= 400) return Replies.text(status, "auth-refused", "refused by authorization", withoutContentType(headers));
        return new FilterAction.Reply(status, headers, body, "auth-refused");
    }

    private static List<Field> withoutContentType(List<Field> headers) {
        return headers.stream().filter(field -> !field.name().equalsIgnoreCase("content-type")).toList();
    }
}
