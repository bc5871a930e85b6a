package heddle.launcher;

import java.util.List;

/** The configuration cannot be used; every problem names its file and line, or the option. */
final class ConfigurationException extends Exception {
    private static final long serialVersionUID = 1;
    private final transient List<String> problems;

    ConfigurationException(List<String> problems) {
        super(String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    List<String> problems() {
        return problems;
    }
}
