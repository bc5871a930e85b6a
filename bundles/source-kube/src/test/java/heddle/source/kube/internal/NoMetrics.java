package heddle.source.kube.internal;

import heddle.api.telemetry.Counter;
import heddle.api.telemetry.Gauge;
import heddle.api.telemetry.Histogram;
import heddle.api.telemetry.MetricSpec;
import heddle.api.telemetry.MetricsSink;

/** Counts nothing. */
final class NoMetrics implements MetricsSink {
    @Override public Counter counter(MetricSpec spec, String... labels) {
        return amount -> { };
    }

    @Override public Gauge gauge(MetricSpec spec, String... labels) {
        return value -> { };
    }

    @Override public Histogram histogram(MetricSpec spec, String... labels) {
        return value -> { };
    }

    @Override public void remove(MetricSpec spec, String... labels) {}
}
