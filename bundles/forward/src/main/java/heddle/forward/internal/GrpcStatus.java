package heddle.forward.internal;

/** What a response's head alone says of a gRPC call's end. */
final class GrpcStatus {
    private static final int UNKNOWN = 2;

    private GrpcStatus() {}

    /** The failure that the head tells: a trailers-only answer, or an HTTP status that is none of gRPC's; 0 = none so far. */
    static int of(ReceivedResponse head) {
        String text = head.header("grpc-status");
        if (text.isEmpty()) return ofHttp(head.status);
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return UNKNOWN;
        }
    }

    /** What a client makes of an answer that is not gRPC's (grpc/doc/http-grpc-status-mapping.md). */
    private static int ofHttp(int status) {
        return switch (status) {
            case 200 -> 0;
            case 400 -> 13;
            case 401 -> 16;
            case 403 -> 7;
            case 404 -> 12;
            case 429, 502, 503, 504 -> 14;
            default -> UNKNOWN;
        };
    }

    /** The HTTP counterpart, so that an endpoint's failures count alike. */
    static int http(int status) {
        return switch (status) {
            case 0 -> 200;
            case 4 -> 504;
            case 14 -> 503;
            case 2, 13, 15 -> 500;
            default -> 400;
        };
    }
}
