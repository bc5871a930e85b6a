package heddle.shell.internal;

import java.util.List;

/** One {@code mesh:NAME}. Called on the thread of its session, several at once. */
interface Command {
    String name();

    /** What {@code --help} prints: a usage line, then what it does. */
    String help();

    /** Whether it changes something when it is called so, and belongs into the audit log. */
    default boolean changes(List<String> arguments) {
        return false;
    }

    void run(Call call) throws Exception;
}
