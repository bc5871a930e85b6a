package heddle.source.kube.internal;

/** A request to the API server that did not succeed. {@code code} is HTTP's, or 0 when no answer came. */
final class KubeException extends Exception {
    private final int code;

    KubeException(String message, int code) {
        super(message);
        this.code = code;
    }

    int code() {
        return code;
    }

    /** True when the server was not reached, broke off, or asked to come later: the last state may be old. */
    boolean unreachable() {
        return code == 0 || code == 429 || code >= 500;
    }

    /** The resourceVersion is gone: list again. */
    boolean expired() {
        return code == 410;
    }
}
