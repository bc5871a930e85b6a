package heddle.api.plan;

/** An answer of the data plane's own (SPEC.md, default failure codes).
 *  @param status     HTTP status; 0 in {@link #NONE}
 *  @param grpcStatus for gRPC callers, who get HTTP 200 in a trailers-only answer
 *  @param reason     short and stable: {@code no-route}, {@code backend-not-found}; the body's first word and a metric label
 *  @param message    a sentence for the body; never internals */
public record Failure(int status, int grpcStatus, String reason, String message) {
    public static final Failure NONE = new Failure(0, 0, "", "");
    public static final Failure NO_ROUTE = new Failure(404, 12, "no-route", "no route of this Service matches the request");
    public static final Failure NO_VALID_RULE = new Failure(500, 14, "no-valid-rule", "the routes of this Service have no valid rule");
    public static final Failure NO_BACKEND = new Failure(500, 14, "no-backend", "the rule has no backend");
    public static final Failure INVALID_BACKEND = new Failure(500, 14, "invalid-backend", "the rule's backend cannot be used");
    public static final Failure BACKEND_TLS = new Failure(500, 14, "backend-tls", "the backend's TLS policy cannot be used");
    public static final Failure FILTER = new Failure(500, 13, "filter", "a filter or match kind of the rule cannot be used");
    public static final Failure NO_ENDPOINT = new Failure(503, 14, "no-endpoint", "the backend has no ready endpoint");
    public static final Failure CONNECT = new Failure(503, 13, "connect", "the backend's endpoint cannot be reached");
    public static final Failure BROKEN = new Failure(502, 13, "broken", "the backend broke off before it answered");
    public static final Failure TIMEOUT = new Failure(504, 4, "timeout", "the time for the request ran out");
    public static final Failure BUDGET = new Failure(503, 13, "retry-budget", "the retry budget is used up");
    public static final Failure BAD_REQUEST = new Failure(400, 13, "bad-request", "the request is malformed");
    public static final Failure TOO_LARGE = new Failure(413, 8, "too-large", "the request body is too large");

    public boolean isNone() {
        return status == 0;
    }
}
