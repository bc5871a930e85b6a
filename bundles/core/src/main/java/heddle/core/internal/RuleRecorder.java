package heddle.core.internal;

import heddle.api.policy.Backend;
import heddle.api.policy.Outcome;
import heddle.api.telemetry.Counter;
import heddle.api.telemetry.ExchangeRecorder;
import heddle.api.telemetry.Histogram;
import heddle.api.telemetry.MetricsSink;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Counts one rule's exchanges. A series is resolved when it is first needed and kept: resolving all beforehand would give each of 10,000
 *  rules a dozen series of zeros (decision 0004). Outlives edits of its rule; its series go with the rule. */
final class RuleRecorder extends Shared implements ExchangeRecorder {
    private static final int CLASSES = 6;
    private static final Outcome[] OUTCOMES = Outcome.values();

    private final Optional<MetricsSink> sink;
    private final String route;
    private final String rule;
    private final Map<String, AtomicReferenceArray<Counter>> requests = new ConcurrentHashMap<>();
    private final AtomicReferenceArray<Counter> sessions = new AtomicReferenceArray<>(RuleSessions.Event.values().length);
    private volatile Optional<Histogram> duration = Optional.empty();

    RuleRecorder(Optional<MetricsSink> sink, String route, String rule) {
        this.sink = sink;
        this.route = route;
        this.rule = rule;
    }

    Optional<MetricsSink> sink() {
        return sink;
    }

    @Override public void end(Backend backend, int status, Outcome outcome, long nanos) {
        if (sink.isEmpty()) return;
        String name = backend.name();
        AtomicReferenceArray<Counter> counters = requests.get(name);
        if (counters == null) counters = requests.computeIfAbsent(name, each -> new AtomicReferenceArray<>(CLASSES * OUTCOMES.length));
        int codeClass = status >= 100 && status < 600 ? status / 100 : 0;
        int index = codeClass * OUTCOMES.length + outcome.ordinal();
        Counter counter = counters.get(index);
        if (counter == null) {
            counter = sink.get().counter(CoreMetrics.REQUESTS, labels(name, codeClass, outcome));
            counters.set(index, counter);
        }
        counter.add(1);
        histogram().observe(nanos / 1e9);
    }

    /** On event loops, of rules that keep sessions. */
    void session(RuleSessions.Event event) {
        if (sink.isEmpty()) return;
        Counter counter = sessions.get(event.ordinal());
        if (counter == null) {
            counter = sink.get().counter(CoreMetrics.SESSIONS, route, rule, event.name().toLowerCase(Locale.ROOT));
            sessions.set(event.ordinal(), counter);
        }
        counter.add(1);
    }

    private Histogram histogram() {
        Optional<Histogram> known = duration;
        if (known.isPresent()) return known.get();
        Histogram made = sink.orElseThrow().histogram(CoreMetrics.REQUEST_DURATION, route, rule);
        duration = Optional.of(made);
        return made;
    }

    private String[] labels(String backend, int codeClass, Outcome outcome) {
        return new String[] {route, rule, backend, codeClass == 0 ? "none" : codeClass + "xx", outcome.name().toLowerCase(Locale.ROOT)};
    }

    @Override void close() {
        if (sink.isEmpty()) return;
        requests.forEach((backend, counters) -> {
            for (int i = 0; i < counters.length(); i++) {
                if (counters.get(i) != null) sink.get().remove(CoreMetrics.REQUESTS, labels(backend, i / OUTCOMES.length, OUTCOMES[i % OUTCOMES.length]));
            }
        });
        for (RuleSessions.Event event : RuleSessions.Event.values()) {
            if (sessions.get(event.ordinal()) != null) sink.get().remove(CoreMetrics.SESSIONS, route, rule, event.name().toLowerCase(Locale.ROOT));
        }
        if (duration.isPresent()) sink.get().remove(CoreMetrics.REQUEST_DURATION, route, rule);
    }
}
