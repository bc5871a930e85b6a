package heddle.launcher;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.text.MessageFormat;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.MissingResourceException;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/** The two shapes of a log line. */
final class LogLine {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    private LogLine() {}

    static String text(LogRecord entry) {
        StringBuilder line = new StringBuilder(160).append(TIME.format(entry.getInstant())).append(' ');
        String level = level(entry.getLevel());
        line.append(level).repeat(' ', Math.max(1, 6 - level.length())).append(entry.getLoggerName()).append(": ").append(message(entry));
        if (entry.getThrown() != null) line.append(System.lineSeparator()).append(stack(entry.getThrown()).stripTrailing());
        return line.toString();
    }

    static String json(LogRecord entry) {
        StringBuilder line = new StringBuilder(240).append("{\"time\":\"").append(entry.getInstant().truncatedTo(ChronoUnit.MICROS)).append("\",\"level\":\"")
                .append(level(entry.getLevel())).append("\",\"logger\":");
        quote(line, String.valueOf(entry.getLoggerName()));
        quote(line.append(",\"thread\":").append(entry.getLongThreadID()).append(",\"message\":"), message(entry));
        if (entry.getThrown() != null) quote(line.append(",\"exception\":"), stack(entry.getThrown()));
        return line.append('}').toString();
    }

    private static String level(Level level) {
        if (level == Level.SEVERE) return "ERROR";
        if (level == Level.WARNING) return "WARN";
        if (level.intValue() >= Level.INFO.intValue()) return "INFO";
        return level.intValue() >= Level.FINE.intValue() ? "DEBUG" : "TRACE";
    }

    private static String message(LogRecord entry) {
        String text = String.valueOf(entry.getMessage());
        if (entry.getResourceBundle() != null) {
            try {
                text = entry.getResourceBundle().getString(text);
            } catch (MissingResourceException plain) {
                // The text is the message itself.
            }
        }
        Object[] parameters = entry.getParameters();
        if (parameters == null || parameters.length == 0) return text;
        try {
            return MessageFormat.format(text, parameters);
        } catch (IllegalArgumentException notAPattern) {
            return text;
        }
    }

    private static String stack(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    static void quote(StringBuilder to, String text) {
        to.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> to.append("\\\"");
                case '\\' -> to.append("\\\\");
                case '\n' -> to.append("\\n");
                case '\r' -> to.append("\\r");
                case '\t' -> to.append("\\t");
                default -> {
                    if (c < 0x20 || c == 0x7f) to.append(String.format("\\u%04x", (int) c));
                    else to.append(c);
                }
            }
        }
        to.append('"');
    }
}
