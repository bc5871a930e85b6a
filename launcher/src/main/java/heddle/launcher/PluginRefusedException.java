package heddle.launcher;

/** A plugin is not put in force; the message says why and what to do. */
final class PluginRefusedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final boolean lacking;

    PluginRefusedException(String message) {
        super(message);
        this.lacking = false;
    }

    PluginRefusedException(String message, Throwable cause) {
        this(message, cause, false);
    }

    /** @param lacking another plugin may bring what it needs */
    PluginRefusedException(String message, Throwable cause, boolean lacking) {
        super(message, cause);
        this.lacking = lacking;
    }

    boolean lacking() {
        return lacking;
    }
}
