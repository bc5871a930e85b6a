package heddle.api.telemetry;

import java.util.List;

/** A metric: name in base units ({@code heddle_request_duration_seconds}, {@code _total} for counters), help, label names, and
 *  bucket bounds for a histogram. Each is a constant of the bundle that counts and a row of docs/METRICS.md. */
public record MetricSpec(String name, String help, List<String> labels, double[] buckets) {
    public MetricSpec {
        labels = List.copyOf(labels);
    }

    public static MetricSpec of(String name, String help, String... labels) {
        return new MetricSpec(name, help, List.of(labels), new double[0]);
    }

    public static MetricSpec histogram(String name, String help, double[] buckets, String... labels) {
        return new MetricSpec(name, help, List.of(labels), buckets);
    }
}
