package heddle.shell.internal;

/** One {@code mesh:NAME}. Called on the thread of its session, several at once. */
interface Command {
    String name();

    /** What {@code --help} prints: a usage line, then what it does. */
    String help();

    /** Whether it changes something, so that the audit log has it. */
    default boolean changes() {
        return false;
    }

    void run(Call call) throws Exception;
}
