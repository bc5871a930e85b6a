package heddle.launcher;

import java.util.List;

/** Walks over a command line; {@code --name value} and {@code --name=value} are the same. */
final class Options {
    private final List<String> args;
    private int at;
    private String current = "";
    private int valueFrom = -1;

    Options(List<String> args) {
        this.args = args;
    }

    boolean more() {
        return at < args.size();
    }

    /** The next option or argument. */
    String next() {
        current = args.get(at++);
        valueFrom = current.startsWith("--") ? current.indexOf('=') : -1;
        if (valueFrom > 0) {
            String whole = current;
            current = whole.substring(0, valueFrom);
            attached = whole.substring(valueFrom + 1);
        }
        return current;
    }

    private String attached = "";

    /** The value of the option that {@link #next()} gave. */
    String value() throws UsageException {
        if (valueFrom > 0) return attached;
        if (!more()) throw new UsageException(current + " needs a value");
        return args.get(at++);
    }

    /** What is left, as it is. */
    List<String> rest() {
        List<String> rest = args.subList(at, args.size());
        at = args.size();
        return rest;
    }

    UsageException unknown() {
        return new UsageException((current.startsWith("-") ? "no such option: " : "unexpected argument: ") + current + " (see --help)");
    }
}
