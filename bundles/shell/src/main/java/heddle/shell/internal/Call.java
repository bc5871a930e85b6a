package heddle.shell.internal;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One use of a command: its arguments, taken one after the other, and where its output goes. */
final class Call {
    private final String command;
    private final List<String> arguments;
    private final PrintStream out;

    Call(String command, List<String> arguments, PrintStream out) {
        this.command = command;
        this.arguments = new ArrayList<>(arguments);
        this.out = out;
    }

    PrintStream out() {
        return out;
    }

    /** Takes {@code -o json}; false for text. */
    boolean json() {
        Optional<String> output = option("-o").or(() -> option("--output"));
        if (output.isEmpty() || output.get().equals("text")) return false;
        if (output.get().equals("json")) return true;
        throw usage("-o " + output.get() + ": expected json or text");
    }

    boolean flag(String name) {
        return arguments.remove(name);
    }

    /** Takes the first {@code name value} or {@code name=value}. */
    Optional<String> option(String name) {
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.startsWith(name + "=")) {
                arguments.remove(i);
                return Optional.of(argument.substring(name.length() + 1));
            }
            if (argument.equals(name)) {
                if (i + 1 == arguments.size()) throw usage(name + " needs a value");
                arguments.remove(i);
                return Optional.of(arguments.remove(i));
            }
        }
        return Optional.empty();
    }

    List<String> options(String name) {
        List<String> values = new ArrayList<>();
        for (Optional<String> value = option(name); value.isPresent(); value = option(name)) values.add(value.get());
        return values;
    }

    String required(String name) {
        return option(name).filter(value -> !value.isEmpty()).orElseThrow(() -> usage(name + " is needed"));
    }

    /** Whether a plain argument is left. */
    boolean more() {
        return !arguments.isEmpty() && !arguments.getFirst().startsWith("-");
    }

    /** Takes the next plain argument. */
    String argument(String what) {
        if (arguments.isEmpty() || arguments.getFirst().startsWith("-")) throw usage(what + " is needed");
        return arguments.removeFirst();
    }

    /** To be called when all known options were taken. */
    void end() {
        if (!arguments.isEmpty()) throw usage("unexpected: " + String.join(" ", arguments));
    }

    private CommandFailure usage(String message) {
        return new CommandFailure(CommandFailure.USAGE, message + " (see " + command + " --help)");
    }
}
