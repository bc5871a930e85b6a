package heddle.core.internal;

import heddle.api.telemetry.MetricSpec;
import heddle.api.telemetry.MetricsSink;
import java.util.List;
import java.util.Optional;

/** What core counts itself (docs/METRICS.md). On the assembler thread. */
final class CoreMetrics {
    static final MetricSpec REQUESTS = MetricSpec.of("heddle_requests_total", "Requests that a rule took, by what became of them.",
            "route", "rule", "backend", "code", "outcome");
    static final MetricSpec REQUEST_DURATION = MetricSpec.histogram("heddle_request_duration_seconds",
            "Time from a request's first byte to its response's last.",
            new double[] {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}, "route", "rule");
    static final MetricSpec GENERATION = MetricSpec.of("heddle_snapshot_generation", "Generation of the snapshot in force.");
    static final MetricSpec BUILD_DURATION = MetricSpec.histogram("heddle_snapshot_build_duration_seconds",
            "Time from a change to its snapshot in force.", new double[] {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5});
    static final MetricSpec BUILD_FAILURES = MetricSpec.of("heddle_snapshot_build_failures_total", "Builds that failed; the last snapshot stayed in force.");
    static final MetricSpec ROUTES = MetricSpec.of("heddle_routes", "Routes known, in force or not.");
    static final MetricSpec RULES = MetricSpec.of("heddle_rules", "Rules in force.");
    static final MetricSpec SERVICES = MetricSpec.of("heddle_services", "Services known.");
    static final MetricSpec PLUGIN_CALLS = MetricSpec.of("heddle_plugin_calls_total", "Calls of plugins' filters, by how they ended.", "plugin", "result");
    static final MetricSpec DRAIN_RESETS = MetricSpec.of("heddle_drain_resets_total", "Exchanges reset because their plan's time to drain had run out.");

    static final MetricSpec OVER_BUDGET = MetricSpec.of("heddle_retry_budget_refusals_total", "Retries refused because the Service's budget was used up.", "service");
    static final MetricSpec SESSIONS = MetricSpec.of("heddle_sessions_total", "Requests of rules with session persistence, by what became of the session.",
            "route", "rule", "event");
    static final MetricSpec EJECTIONS = MetricSpec.of("heddle_ejections_total", "Endpoints that were left out for a while because they failed.", "backend");
    static final MetricSpec EJECTED = MetricSpec.of("heddle_ejected_endpoints", "Ready endpoints that are left out now.", "backend");
    static final List<MetricSpec> ALL = List.of(REQUESTS, REQUEST_DURATION, GENERATION, BUILD_DURATION, BUILD_FAILURES, ROUTES, RULES, SERVICES, PLUGIN_CALLS, DRAIN_RESETS,
            OVER_BUDGET, SESSIONS, EJECTIONS, EJECTED);

    private final Whiteboard<MetricsSink> sinks;

    CoreMetrics(Whiteboard<MetricsSink> sinks) {
        this.sinks = sinks;
    }

    Optional<MetricsSink> sink() {
        return sinks.best();
    }

    void published(long generation, long nanos, int services, int routes, int rules) {
        sink().ifPresent(sink -> {
            sink.gauge(GENERATION).set(generation);
            sink.histogram(BUILD_DURATION).observe(nanos / 1e9);
            sink.gauge(SERVICES).set(services);
            sink.gauge(ROUTES).set(routes);
            sink.gauge(RULES).set(rules);
        });
    }

    /** On event loops. */
    void overBudget(String service) {
        sink().ifPresent(sink -> sink.counter(OVER_BUDGET, service).add(1));
    }

    void budgetGone(String service) {
        sink().ifPresent(sink -> sink.remove(OVER_BUDGET, service));
    }

    /** Any thread. */
    void ejection(String backend, boolean ejected, int out) {
        sink().ifPresent(sink -> {
            if (ejected) sink.counter(EJECTIONS, backend).add(1);
            sink.gauge(EJECTED, backend).set(out);
        });
    }

    void backendGone(String backend) {
        sink().ifPresent(sink -> {
            sink.remove(EJECTIONS, backend);
            sink.remove(EJECTED, backend);
        });
    }

    void buildFailed() {
        sink().ifPresent(sink -> sink.counter(BUILD_FAILURES).add(1));
    }

    void drainReset(long exchanges) {
        sink().ifPresent(sink -> sink.counter(DRAIN_RESETS).add(exchanges));
    }
}
