package heddle.forward.internal;

import heddle.api.plan.Failure;
import heddle.api.policy.FilterAction;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/** Answers that the data plane makes itself (SPEC.md, further decisions): {@code server: heddle}, a short text that starts with the
 *  reason; gRPC callers get status 200 with grpc-status instead. */
final class OwnAnswer {
    private static volatile String date = "";
    private static volatile long dateSecond;

    private OwnAnswer() {}

    static ReceivedResponse of(Failure failure, boolean grpc) {
        return grpc ? grpc(failure.grpcStatus(), failure.reason() + ": " + failure.message()) : plain(failure.status(), body(failure, false).length, true);
    }

    static byte[] body(Failure failure, boolean grpc) {
        return grpc ? new byte[0] : (failure.reason() + ": " + failure.message() + "\n").getBytes(StandardCharsets.UTF_8);
    }

    static ReceivedResponse of(FilterAction.Reply reply, boolean grpc) {
        boolean typed = reply.headers().stream().anyMatch(field -> field.name().equalsIgnoreCase("content-type"));
        boolean ownGrpc = reply.headers().stream().anyMatch(field -> field.name().equalsIgnoreCase("grpc-status"));
        ReceivedResponse response = grpc && !ownGrpc && reply.status() >= 400 ? grpc(grpcStatus(reply.status()), reply.reason())
                : plain(reply.status(), reply.body().length, !typed && reply.body().length > 0);
        for (FilterAction.Field field : reply.headers()) response.appendHeader(field.name(), field.value());
        return response;
    }

    static ReceivedResponse continue100() {
        ReceivedResponse response = new ReceivedResponse();
        response.reset(100);
        return response;
    }

    private static ReceivedResponse plain(int status, int length, boolean text) {
        ReceivedResponse response = new ReceivedResponse();
        response.reset(status);
        response.fields.lay("server", "heddle");
        response.fields.lay("date", date());
        if (text) response.fields.lay("content-type", "text/plain; charset=utf-8");
        if (status != 204 && status != 304) response.fields.lay("content-length", Integer.toString(length));
        response.body = length;
        return response;
    }

    private static ReceivedResponse grpc(int grpcStatus, String message) {
        ReceivedResponse response = new ReceivedResponse();
        response.reset(200);
        response.fields.lay("server", "heddle");
        response.fields.lay("date", date());
        response.fields.lay("content-type", "application/grpc");
        response.fields.lay("grpc-status", Integer.toString(grpcStatus));
        response.fields.lay("grpc-message", message.replace("%", "%25"));
        return response;
    }

    /** SPEC.md: refused by auth 7 (16 for 401), rate limit 8, timeout 4, no match 12, unavailable 14, else 13. */
    private static int grpcStatus(int status) {
        return switch (status) {
            case 401 -> 16;
            case 403 -> 7;
            case 404 -> 12;
            case 413, 429 -> 8;
            case 503 -> 14;
            case 504 -> 4;
            default -> 13;
        };
    }

    private static String date() {
        long second = System.currentTimeMillis() / 1000;
        if (second != dateSecond) {
            date = DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC));
            dateSecond = second;
        }
        return date;
    }
}
