package heddle.source.kube.internal;

/** A request to the API server that did not succeed. {@code code} is HTTP's, or 0 when no answer came. */
final class KubeException extends Exception {
    private final int code;
    private final boolean silent;

    KubeException(String message, int code) {
        this(message, code, false);
    }

    private KubeException(String message, int code, boolean silent) {
        super(message);
        this.code = code;
        this.silent = silent;
    }

    /** Nothing came within the limit: packets may be lost on the way, which the connection itself notices after minutes only. */
    static KubeException silent(String message) {
        return new KubeException(message, 0, true);
    }

    int code() {
        return code;
    }

    /** True when the server was not reached, broke off, or asked to come later: the last state may be old. */
    boolean unreachable() {
        return code == 0 || code == 429 || code >= 500;
    }

    boolean silent() {
        return silent;
    }

    /** The resourceVersion is gone: list again. */
    boolean expired() {
        return code == 410;
    }
}
