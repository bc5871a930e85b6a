package heddle.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.telemetry.MetricSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every metric of core is a row of docs/METRICS.md, with its labels. */
class MetricsPageTest {
    @Test void everyMetricIsDescribed() throws IOException {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/METRICS.md"))) folder = folder.getParent();
        List<String> rows = Files.readAllLines(folder.resolve("docs/METRICS.md"));
        for (MetricSpec spec : CoreMetrics.ALL) {
            String labels = spec.labels().stream().collect(Collectors.joining(", "));
            assertThat(rows).as(spec.name()).anyMatch(row -> row.startsWith("| `" + spec.name() + "` | ") && row.contains(" | " + labels + (labels.isEmpty() ? "| " : " | ")));
        }
    }
}
