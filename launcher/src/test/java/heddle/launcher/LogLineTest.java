package heddle.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LogLineTest {
    @Test void jsonIsOneLineWhateverTheMessageHolds() {
        LogRecord entry = entry(Level.WARNING, "a \"quoted\"\nline {0}", 7);
        entry.setThrown(new IllegalStateException("boom"));
        assertThat(LogLine.json(entry)).doesNotContain("\n").startsWith("{\"time\":\"2026-01-02T03:04:05Z\",\"level\":\"WARN\",\"logger\":\"heddle.test\"")
                .contains("\"message\":\"a \\\"quoted\\\"\\nline 7\"").contains("\"exception\":\"java.lang.IllegalStateException: boom\\n").endsWith("}");
    }

    @Test void textHasLevelLoggerAndMessage() {
        assertThat(LogLine.text(entry(Level.FINE, "why {0}", "so"))).endsWith(" DEBUG heddle.test: why so");
    }

    @Test void bracesWithoutParametersStayAsTheyAre() {
        assertThat(LogLine.text(entry(Level.INFO, "path {id} is {"))).endsWith("path {id} is {");
    }

    private static LogRecord entry(Level level, String message, Object... parameters) {
        LogRecord entry = new LogRecord(level, message);
        entry.setLoggerName("heddle.test");
        entry.setParameters(parameters);
        entry.setInstant(Instant.parse("2026-01-02T03:04:05Z"));
        return entry;
    }
}
