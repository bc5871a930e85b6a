package heddle.core.internal;

import static heddle.core.internal.TestMesh.NO_PROPERTIES;
import static heddle.core.internal.TestMesh.route;
import static heddle.core.internal.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.plan.RulePlan;
import heddle.api.policy.Outcome;
import heddle.api.telemetry.Counter;
import heddle.api.telemetry.ExchangeRecorder;
import heddle.api.telemetry.Gauge;
import heddle.api.telemetry.Histogram;
import heddle.api.telemetry.MetricSpec;
import heddle.api.telemetry.MetricsSink;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** docs/METRICS.md: one count an exchange, by rule, backend and code class; series go with their rule. */
class RuleRecorderTest {
    private static final String SERVICES = service("food/oven", "10.0.0.1") + service("food/a", "10.0.0.2");

    private static final class Sink implements MetricsSink {
        final Map<String, Double> series = new TreeMap<>();

        private static String name(MetricSpec spec, String... labels) {
            assertThat(labels).hasSameSizeAs(spec.labels());
            return spec.name() + String.join(",", labels);
        }

        @Override public Counter counter(MetricSpec spec, String... labels) {
            series.putIfAbsent(name(spec, labels), 0.0);
            return amount -> series.merge(name(spec, labels), (double) amount, Double::sum);
        }

        @Override public Gauge gauge(MetricSpec spec, String... labels) {
            return value -> series.put(name(spec, labels), value);
        }

        @Override public Histogram histogram(MetricSpec spec, String... labels) {
            return value -> series.merge(name(spec, labels), 1.0, Double::sum);
        }

        @Override public void remove(MetricSpec spec, String... labels) {
            series.remove(name(spec, labels));
        }
    }

    @Test void countsByCodeClassAndGoesWithItsRule() {
        Sink sink = new Sink();
        TestMesh mesh = new TestMesh();
        mesh.parts.sinks.add(sink, NO_PROPERTIES);
        String route = route("food/r", "name: oven", "/", "{name: a, port: 80}");
        mesh.apply(SERVICES, route);
        assertThat(sink.series).isEmpty();
        RulePlan rule = mesh.rule("", "food/oven", 80, "/");
        rule.recorder().end(rule.split().next(), 204, Outcome.COMPLETED, 1_000_000);
        rule.recorder().end(rule.split().next(), 200, Outcome.COMPLETED, 1_000_000);
        rule.recorder().end(ExchangeRecorder.NO_BACKEND, 0, Outcome.CLIENT_GONE, 1_000_000);
        assertThat(sink.series).containsOnly(Map.entry("heddle_requests_totalHTTPRoute food/r,0,food/a:80,2xx,completed", 2.0),
                Map.entry("heddle_requests_totalHTTPRoute food/r,0,,none,client_gone", 1.0),
                Map.entry("heddle_request_duration_secondsHTTPRoute food/r,0", 3.0));

        mesh.apply(SERVICES, route.replace("backendRefs", "timeouts: {request: 1s}\n    backendRefs"));
        mesh.build.retired().forEach(Held::release);
        mesh.builder.sweep();
        assertThat(sink.series).hasSize(3);

        mesh.apply(SERVICES);
        mesh.build.retired().forEach(Held::release);
        mesh.builder.sweep();
        assertThat(sink.series).isEmpty();
    }

    @Test void withoutASinkNothingIsCounted() {
        TestMesh mesh = TestMesh.of(SERVICES, route("food/r", "name: oven", "/", "{name: a, port: 80}"));
        mesh.rule("", "food/oven", 80, "/").recorder().end(ExchangeRecorder.NO_BACKEND, 200, Outcome.COMPLETED, 1);
    }
}
