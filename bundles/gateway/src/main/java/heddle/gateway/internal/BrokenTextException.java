package heddle.gateway.internal;

/** Text that is no YAML or JSON, or exceeds a limit. */
final class BrokenTextException extends Exception {
    private static final long serialVersionUID = 1;
    private final int line;

    BrokenTextException(int line, String message) {
        super(message, null, false, false);
        this.line = line;
    }

    int line() {
        return line;
    }
}
