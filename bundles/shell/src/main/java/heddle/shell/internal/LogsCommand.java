package heddle.shell.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.logging.LogManager;

/** {@code mesh:logs}: levels of the running daemon's loggers, until it ends. */
final class LogsCommand implements Command {
    private static final Map<String, Level> LEVELS = Map.of("error", Level.SEVERE, "warning", Level.WARNING, "info", Level.INFO, "debug", Level.FINE,
            "trace", Level.FINER, "off", Level.OFF);
    /** java.util.logging forgets the level of a logger that nobody holds. */
    private final Map<String, Logger> held = new ConcurrentHashMap<>();

    @Override public String name() {
        return "logs";
    }

    @Override public String help() {
        return """
                usage: logs [--level LOGGER=LEVEL]... [-o json]
                Sets levels in the running daemon (error, warning, info, debug, trace, off, default), then prints those that are set.
                LOGGER is a name such as heddle.forward or io.netty; the empty name is all others: --level =debug.
                """;
    }

    @Override public boolean changes(List<String> arguments) {
        return arguments.stream().anyMatch(each -> each.startsWith("--level"));
    }

    @Override public void run(Call call) {
        boolean json = call.json();
        List<String> levels = new ArrayList<>(call.options("--level"));
        call.end();
        levels.forEach(this::set);
        Map<String, String> set = new TreeMap<>();
        LogManager manager = LogManager.getLogManager();
        manager.getLoggerNames().asIterator().forEachRemaining(name -> {
            Logger logger = manager.getLogger(name);
            if (logger != null && logger.getLevel() != null) set.put(name, word(logger.getLevel()));
        });
        if (json) {
            call.out().println(Json.of(set));
            return;
        }
        Table table = new Table("LOGGER", "LEVEL");
        set.forEach((name, level) -> table.row(name.isEmpty() ? "(all others)" : name, level));
        table.print(call.out());
    }

    private void set(String entry) {
        int equals = entry.lastIndexOf('=');
        String word = entry.substring(equals + 1).toLowerCase(Locale.ROOT);
        Level level = LEVELS.get(word);
        if (equals < 0 || (level == null && !word.equals("default"))) {
            throw new CommandFailure(CommandFailure.USAGE, "--level " + entry + ": expected LOGGER=LEVEL with one of error, warning, info, debug, trace, off, default");
        }
        Logger logger = held.computeIfAbsent(entry.substring(0, equals), Logger::getLogger);
        logger.setLevel(level == null && entry.startsWith("=") ? Level.INFO : level);
    }

    private static String word(Level level) {
        return LEVELS.entrySet().stream().filter(entry -> entry.getValue().equals(level)).map(Map.Entry::getKey).findFirst().orElse(level.getName());
    }
}
