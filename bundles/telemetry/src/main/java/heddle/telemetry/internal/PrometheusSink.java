package heddle.telemetry.internal;

import heddle.api.telemetry.Counter;
import heddle.api.telemetry.Gauge;
import heddle.api.telemetry.Histogram;
import heddle.api.telemetry.MetricSpec;
import heddle.api.telemetry.MetricsSink;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/** Metrics in a Prometheus registry of our own. Handles are the library's children: one striped addition a count, no look-up.
 *  Any thread. */
@Component(service = {MetricsSink.class, PrometheusSink.class})
public final class PrometheusSink implements MetricsSink {
    private final CollectorRegistry registry = new CollectorRegistry(true);
    private final ConcurrentMap<String, Family> families = new ConcurrentHashMap<>();

    /** Equal names must mean equal metrics; a second shape is the programmer's error and must be seen. */
    private record Family(MetricSpec spec, Collector collector) {
        void requireSame(MetricSpec other, Class<? extends Collector> kind) {
            if (!kind.isInstance(collector) || !spec.labels().equals(other.labels())) {
                throw new IllegalArgumentException("metric " + other.name() + " is registered with labels " + spec.labels() + " as "
                        + collector.getClass().getSimpleName() + " (asked for: " + other.labels() + " as " + kind.getSimpleName() + ")");
            }
        }
    }

    @Activate public PrometheusSink() {
        JvmMetrics.register(registry);
    }

    @Deactivate void stop() {
        registry.clear();
    }

    CollectorRegistry registry() {
        return registry;
    }

    @Override public Counter counter(MetricSpec spec, String... labels) {
        io.prometheus.client.Counter counter = family(spec, io.prometheus.client.Counter.class);
        return counter.labels(labels)::inc;
    }

    @Override public Gauge gauge(MetricSpec spec, String... labels) {
        io.prometheus.client.Gauge gauge = family(spec, io.prometheus.client.Gauge.class);
        return gauge.labels(labels)::set;
    }

    @Override public Histogram histogram(MetricSpec spec, String... labels) {
        io.prometheus.client.Histogram histogram = family(spec, io.prometheus.client.Histogram.class);
        return histogram.labels(labels)::observe;
    }

    @Override public void remove(MetricSpec spec, String... labels) {
        Family family = families.get(spec.name());
        if (family == null) return;
        switch (family.collector()) {
            case io.prometheus.client.Counter counter -> counter.remove(labels);
            case io.prometheus.client.Gauge gauge -> gauge.remove(labels);
            case io.prometheus.client.Histogram histogram -> histogram.remove(labels);
            default -> throw new IllegalStateException(spec.name());
        }
    }

    private <T extends Collector> T family(MetricSpec spec, Class<T> kind) {
        Family family = families.computeIfAbsent(spec.name(), name -> new Family(spec, create(spec, kind)));
        family.requireSame(spec, kind);
        return kind.cast(family.collector());
    }

    /** Without exemplars: their sampling would cost each count an atomic exchange. */
    private Collector create(MetricSpec spec, Class<? extends Collector> kind) {
        String[] labels = spec.labels().toArray(String[]::new);
        if (kind == io.prometheus.client.Counter.class) {
            return io.prometheus.client.Counter.build(spec.name(), spec.help()).labelNames(labels).withoutExemplars().register(registry);
        }
        if (kind == io.prometheus.client.Gauge.class) return io.prometheus.client.Gauge.build(spec.name(), spec.help()).labelNames(labels).register(registry);
        io.prometheus.client.Histogram.Builder histogram = io.prometheus.client.Histogram.build(spec.name(), spec.help()).labelNames(labels).withoutExemplars();
        if (spec.buckets().length > 0) histogram.buckets(spec.buckets());
        return histogram.register(registry);
    }
}
