package heddle.api.telemetry;

import org.osgi.annotation.versioning.ConsumerType;

/** Gives out counters. Handles are resolved when a plan is built, never per request, and stay valid; equal spec and labels give the
 *  same series. Any thread. */
@ConsumerType
public interface MetricsSink {
    Counter counter(MetricSpec spec, String... labels);

    Gauge gauge(MetricSpec spec, String... labels);

    Histogram histogram(MetricSpec spec, String... labels);

    /** Drops a series whose object is gone, so that labels do not pile up. */
    void remove(MetricSpec spec, String... labels);
}
