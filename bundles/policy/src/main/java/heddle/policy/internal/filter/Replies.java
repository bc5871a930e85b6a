package heddle.policy.internal.filter;

import heddle.api.match.RequestHead;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterAction.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Answers of the data plane's own (SPEC.md, further decisions): a short text that starts with the reason; for gRPC callers HTTP 200 with
 *  grpc-status. The forwarder adds what belongs to every answer. */
final class Replies {
    private Replies() {}

    static FilterAction.Reply text(int status, String reason, String message, List<Field> headers) {
        List<Field> fields = new ArrayList<>(headers);
        fields.add(new Field("content-type", "text/plain; charset=utf-8"));
        return new FilterAction.Reply(status, fields, (reason + ": " + message + "\n").getBytes(StandardCharsets.UTF_8), reason);
    }

    /** A refusal or failure: text, or for a gRPC caller its status. */
    static FilterAction.Reply failure(RequestHead request, int status, int grpcStatus, String reason, String message, List<Field> headers) {
        if (!isGrpc(request)) return text(status, reason, message, headers);
        List<Field> fields = new ArrayList<>(headers);
        fields.add(new Field("content-type", "application/grpc"));
        fields.add(new Field("grpc-status", Integer.toString(grpcStatus)));
        fields.add(new Field("grpc-message", reason + ": " + message));
        return new FilterAction.Reply(200, fields, new byte[0], reason);
    }

    static boolean isGrpc(RequestHead request) {
        return request.header("content-type").startsWith("application/grpc");
    }
}
