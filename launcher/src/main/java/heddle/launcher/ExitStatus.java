package heddle.launcher;

/** What the command line answers to scripts; docs/OPERATIONS.md has the same table. */
enum ExitStatus {
    OK(0), FAILED(1), USAGE(2), NO_STEERING(3), ALREADY_RUNNING(4), NO_DAEMON(5);

    private final int code;

    ExitStatus(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
