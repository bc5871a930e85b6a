package heddle.api.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** GEP-2257 and its tables; SPEC.md T1. */
class DurationsTest {
    @ParameterizedTest(name = "{0} = {1} ms, printed {2}")
    @CsvSource({"0h, 0, 0s", "0s, 0, 0s", "0h0m0s, 0, 0s", "1h, 3600000, 1h", "30m, 1800000, 30m", "10s, 10000, 10s", "500ms, 500, 500ms",
        "2h30m, 9000000, 2h30m", "150m, 9000000, 2h30m", "7230s, 7230000, 2h30s", "1h30m10s, 5410000, 1h30m10s", "10s30m1h, 5410000, 1h30m10s",
        "100ms200ms300ms, 600, 600ms", "00500ms, 500, 500ms", "99999h, 359996400000, 99999h", "1m1ms, 60001, 1m1ms"})
    void parseAndStandardForm(String text, long millis, String printed) {
        assertThat(Durations.parse(text)).isEqualTo(Duration.ofMillis(millis));
        assertThat(Durations.print(Duration.ofMillis(millis))).isEqualTo(printed);
        assertThat(Durations.parse(printed)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "1d", "1H", "h", "1.5h", "0.5s", "-1s", "+1s", "10us", "10ns", "1s 1ms", "100000h", "1h1h1h1h1h", "1hs", "ms", "1m s"})
    void otherTextIsNone(String text) {
        assertThat(Durations.isValid(text)).isFalse();
        assertThatThrownBy(() -> Durations.parse(text)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("\"" + text + "\"");
        assertThatThrownBy(() -> Durations.parse("a.field", text)).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("a.field: " + text + " (expected: a duration");
    }

    @Test void whatTheFormCannotHoldIsNotPrinted() {
        assertThatThrownBy(() -> Durations.print(Duration.ofHours(100_000))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Durations.print(Duration.ofSeconds(-1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Durations.print(Duration.ofNanos(10))).isInstanceOf(IllegalArgumentException.class);
    }
}
