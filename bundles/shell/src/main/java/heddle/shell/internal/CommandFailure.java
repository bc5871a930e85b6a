package heddle.shell.internal;

/** A command's end with an exit status; the message is for the user, an empty one says nothing more. */
final class CommandFailure extends RuntimeException {
    static final int FAILED = 1;
    static final int USAGE = 2;
    private static final long serialVersionUID = 1;
    private final int status;

    CommandFailure(int status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    int status() {
        return status;
    }
}
