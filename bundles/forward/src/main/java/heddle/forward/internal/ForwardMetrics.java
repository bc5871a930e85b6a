package heddle.forward.internal;

import heddle.api.telemetry.Gauge;
import heddle.api.telemetry.MetricSpec;
import heddle.api.telemetry.MetricsSink;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Carries the loops' counters to the sink once a second, so that the data path counts in plain fields. One thread at a time. */
final class ForwardMetrics {
    static final MetricSpec CONNECTIONS = MetricSpec.of("heddle_forward_connections", "Client connections open now.");
    static final MetricSpec IN_FLIGHT = MetricSpec.of("heddle_forward_requests_in_flight", "Requests being carried now.");
    static final MetricSpec UPSTREAM_IDLE = MetricSpec.of("heddle_forward_upstream_idle_connections", "Idle connections kept to endpoints.");
    static final MetricSpec EVENTS = MetricSpec.of("heddle_forward_events_total",
            "What the forwarder did or met: connections accepted, requests, refused requests, retries, timeouts, ...", "event");
    static final MetricSpec QUOTA_USE = MetricSpec.of("heddle_quota_use", "What the clients of a namespace have now of what is limited by quota.*.", "namespace", "kind");
    static final MetricSpec QUOTA_REFUSALS = MetricSpec.of("heddle_quota_refusals_total", "Connections, requests and body bytes refused because of the quota of the client's namespace.", "namespace", "kind");
    static final List<MetricSpec> ALL = List.of(CONNECTIONS, IN_FLIGHT, UPSTREAM_IDLE, EVENTS, QUOTA_USE, QUOTA_REFUSALS);

    private final MetricsSink sink;
    private final Gauge connections;
    private final Gauge inFlight;
    private final Gauge upstreamIdle;
    private final Map<String, Long> told = new HashMap<>();

    ForwardMetrics(MetricsSink sink) {
        this.sink = sink;
        connections = sink.gauge(CONNECTIONS);
        inFlight = sink.gauge(IN_FLIGHT);
        upstreamIdle = sink.gauge(UPSTREAM_IDLE);
    }

    boolean of(MetricsSink other) {
        return sink == other;
    }

    void publish(List<Loop> loops, Tenants tenants) {
        connections.set(loops.stream().mapToLong(loop -> loop.counters.connections).sum());
        inFlight.set(loops.stream().mapToLong(loop -> loop.counters.requestsInFlight).sum());
        upstreamIdle.set(loops.stream().mapToLong(loop -> loop.idleUpstream).sum());
        Counters.sum(loops.stream().map(loop -> loop.counters).toList()).forEach((event, now) -> {
            long before = told.getOrDefault(event, 0L);
            if (now == before && told.containsKey(event)) return;
            sink.counter(EVENTS, event).add(now - before);
            told.put(event, now);
        });
        tenants.all().forEach((namespace, tenant) -> {
            for (Tenant.Kind kind : Tenant.Kind.values()) publish(namespace, tenant, kind);
        });
    }

    private void publish(String namespace, Tenant tenant, Tenant.Kind kind) {
        String name = kind.name().toLowerCase(Locale.ROOT);
        sink.gauge(QUOTA_USE, namespace, name).set(tenant.sum(kind));
        long refused = tenant.refused(kind);
        long before = told.getOrDefault(namespace + '/' + name, 0L);
        if (refused == before) return;
        sink.counter(QUOTA_REFUSALS, namespace, name).add(refused - before);
        told.put(namespace + '/' + name, refused);
    }
}
