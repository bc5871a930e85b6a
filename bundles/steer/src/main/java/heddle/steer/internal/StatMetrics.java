package heddle.steer.internal;

import heddle.api.telemetry.Counter;
import heddle.api.telemetry.MetricSpec;
import heddle.api.telemetry.MetricsSink;
import java.util.EnumMap;
import java.util.Map;

/** Brings the kernel's counters to a sink, as differences since the last time; what was counted before the sink came is included. */
final class StatMetrics {
    static final MetricSpec EVENTS = MetricSpec.of("heddle_steering_events_total",
            "What the kernel did with connects and datagrams to Services, by event.", "event");

    private final Map<Stat, Counter> counters = new EnumMap<>(Stat.class);
    private final Map<Stat, Long> last = new EnumMap<>(Stat.class);

    StatMetrics(MetricsSink sink) {
        for (Stat stat : Stat.values()) counters.put(stat, sink.counter(EVENTS, stat.label()));
    }

    void update(Map<String, Long> now) {
        counters.forEach((stat, counter) -> {
            long value = now.getOrDefault(stat.label(), 0L);
            long before = last.getOrDefault(stat, 0L);
            if (value > before) counter.add(value - before);
            last.put(stat, value);
        });
    }
}
