package heddle.launcher;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** java.util.logging as the settings say: every line to stderr, text or JSON. Any thread. */
final class Logging {
    private static final Map<String, Level> LEVELS = Map.of("error", Level.SEVERE, "warning", Level.WARNING, "info", Level.INFO,
            "debug", Level.FINE, "trace", Level.FINER, "off", Level.OFF);
    /** Held, because java.util.logging forgets the level of a logger that nobody holds. */
    private final List<Logger> named = new ArrayList<>();
    private final Lines lines = new Lines(System.err);

    Logging() {
        LogManager.getLogManager().reset();
        Logger root = Logger.getLogger("");
        root.addHandler(lines);
        root.setLevel(Level.INFO);
    }

    synchronized void apply(Configuration configuration) {
        lines.json = configuration.text("log.format").equals("json");
        Logger.getLogger("").setLevel(LEVELS.get(configuration.text("log.level")));
        named.forEach(logger -> logger.setLevel(null));
        named.clear();
        for (String entry : configuration.texts("log.loggers")) {
            int equals = entry.lastIndexOf('=');
            Level level = equals < 0 ? null : LEVELS.get(entry.substring(equals + 1).toLowerCase(java.util.Locale.ROOT));
            if (level == null) {
                Logger.getLogger("heddle.launcher").warning("log.loggers: " + entry + " is ignored (expected: LOGGER=LEVEL)");
                continue;
            }
            Logger logger = Logger.getLogger(entry.substring(0, equals));
            logger.setLevel(level);
            named.add(logger);
        }
    }

    private static final class Lines extends Handler {
        private final PrintStream out;
        private volatile boolean json;

        Lines(PrintStream out) {
            this.out = out;
            setLevel(Level.ALL);
        }

        @Override public void publish(LogRecord entry) {
            out.println(json ? LogLine.json(entry) : LogLine.text(entry));
        }

        @Override public void flush() {
            out.flush();
        }

        @Override public void close() {}
    }
}
