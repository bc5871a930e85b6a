package heddle.source.kube.internal;

import heddle.api.telemetry.Counter;
import heddle.api.telemetry.Gauge;
import heddle.api.telemetry.MetricSpec;
import heddle.api.telemetry.MetricsSink;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What this bundle counts. Any thread. */
final class KubeMetrics {
    static final MetricSpec REQUESTS = MetricSpec.of("heddle_kube_requests_total",
            "Requests to the API server, by verb and status class.", "verb", "code");
    static final MetricSpec EVENTS = MetricSpec.of("heddle_kube_watch_events_total", "Events of watches, by kind.", "kind");
    static final MetricSpec RELISTS = MetricSpec.of("heddle_kube_lists_total", "Lists begun, by kind; more than one means lost watches.", "kind");
    static final MetricSpec OBJECTS = MetricSpec.of("heddle_kube_objects", "Objects held, by kind.", "kind");
    static final MetricSpec STALE = MetricSpec.of("heddle_kube_stale", "1 while the API server cannot be reached.");
    static final MetricSpec STATUS_WRITES = MetricSpec.of("heddle_kube_status_writes_total", "Status writes, by result.", "result");
    static final MetricSpec PROPAGATION = MetricSpec.histogram("heddle_kube_propagation_seconds",
            "From an event of a watch to its change in force on this node.",
            new double[] {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5});
    static final MetricSpec LEADER = MetricSpec.of("heddle_kube_leader", "1 on the node that writes status.");

    private final MetricsSink sink;
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();
    private final Map<String, Gauge> gauges = new ConcurrentHashMap<>();

    KubeMetrics(MetricsSink sink) {
        this.sink = sink;
    }

    void request(String verb, int code) {
        String family = code / 100 + "xx";
        counters.computeIfAbsent("r " + verb + family, key -> sink.counter(REQUESTS, verb, family)).add(1);
    }

    void event(String kind) {
        counters.computeIfAbsent("e " + kind, key -> sink.counter(EVENTS, kind)).add(1);
    }

    void list(String kind) {
        counters.computeIfAbsent("l " + kind, key -> sink.counter(RELISTS, kind)).add(1);
    }

    void statusWrite(String result) {
        counters.computeIfAbsent("w " + result, key -> sink.counter(STATUS_WRITES, result)).add(1);
    }

    void objects(String kind, int count) {
        gauges.computeIfAbsent("o " + kind, key -> sink.gauge(OBJECTS, kind)).set(count);
    }

    void stale(boolean stale) {
        gauges.computeIfAbsent("stale", key -> sink.gauge(STALE)).set(stale ? 1 : 0);
    }

    void propagated(long nanos) {
        sink.histogram(PROPAGATION).observe(nanos / 1e9);
    }

    void leader(boolean leader) {
        gauges.computeIfAbsent("leader", key -> sink.gauge(LEADER)).set(leader ? 1 : 0);
    }
}
