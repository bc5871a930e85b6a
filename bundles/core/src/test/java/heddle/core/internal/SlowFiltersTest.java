package heddle.core.internal;

import static heddle.core.internal.TestMesh.NO_PROPERTIES;
import static heddle.core.internal.TestMesh.endpoints;
import static heddle.core.internal.TestMesh.route;
import static heddle.core.internal.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.model.RouteFilter;
import heddle.api.plan.RulePlan;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterFactory;
import heddle.api.policy.FilterSpec;
import heddle.api.policy.RequestEdit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A plugin that takes its time to make or to close a filter holds up no build: only its own rules wait. This thread is the assembler's. */
@Timeout(120)
class SlowFiltersTest {
    private static final String SERVICES = service("food/oven", "10.0.0.1") + service("food/pan", "10.0.0.2") + service("food/a", "10.0.0.3")
            + endpoints("food/a", "", 8080, "10.1.0.1") + route("food/pan", "name: pan", "/", "{name: a, port: 80}");
    private static final String OVEN = oven("one");

    private final Semaphore changes = new Semaphore(0);
    private final TestMesh mesh = new TestMesh(new Parts(service -> Optional.of(new PluginGuards.Plugin(7, "acme"))), changes::release);
    private final Slow slow = new Slow();

    /** Makes and closes when it is let. */
    private static final class Slow implements FilterFactory {
        final CountDownLatch makes = new CountDownLatch(1);
        final CountDownLatch closes = new CountDownLatch(1);
        volatile boolean asks;
        final List<Filter> made = new CopyOnWriteArrayList<>();
        final AtomicInteger closed = new AtomicInteger();

        @Override public String type() {
            return "RequestMirror";
        }

        @Override public Filter create(FilterSpec spec) {
            await(makes);
            if (asks && spec.filter() instanceof RouteFilter.Mirror mirror) assertThat(spec.backend(mirror.backend()).name()).isEqualTo("food/a:80");
            Filter filter = new Filter() {
                @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
                    return FilterAction.CONTINUE;
                }

                @Override public void close() {
                    await(closes);
                    closed.incrementAndGet();
                }
            };
            made.add(filter);
            return filter;
        }

        private static void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException ends) {
                throw new IllegalStateException(ends);
            }
        }
    }

    @BeforeEach void parts() {
        // a build waits for two seconds, a filter may take twenty
        mesh.parts.plugins.limits(new PluginGuard.Limits(1, 8, 2_000_000_000L));
        mesh.parts.filters.add(slow, NO_PROPERTIES);
    }

    @AfterEach void close() {
        slow.makes.countDown();
        slow.closes.countDown();
        mesh.parts.plugins.close();
    }

    private static String oven(String name) {
        return route("HTTPRoute", "food/oven", "", "name: oven", """
                - name: %s
                    filters: [{type: RequestMirror, requestMirror: {backendRef: {name: a, port: 80}}}]
                    backendRefs: [{name: a, port: 80}]""".formatted(name));
    }

    private RulePlan rule() {
        return mesh.rule("", "food/oven", 80, "/");
    }

    /** Builds each time that something has come. */
    private void buildUntil(BooleanSupplier done) throws InterruptedException {
        for (int i = 0; i < 10 && !done.getAsBoolean(); i++) {
            assertThat(changes.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
            mesh.again();
        }
        assertThat(done.getAsBoolean()).isTrue();
    }

    private boolean served() {
        return mesh.send("", "food/oven", 80, "/").equals("food/a:80");
    }

    private void inTime() {
        slow.makes.countDown();
        mesh.apply(SERVICES, OVEN);
        assertThat(served()).isTrue();
        assertThat(mesh.builder.cells().unfinished()).isFalse();
    }

    private void remove() {
        mesh.apply(SERVICES);
        mesh.build.retired().forEach(Held::release);
        mesh.builder.sweep();
    }

    @Test void whatIsMadeInTimeIsInTheFirstBuild() {
        inTime();
        assertThat(slow.made).hasSize(1);
        assertThat(changes.availablePermits()).isZero();
    }

    /** Its backend is asked for when no build waits, and resolved by the next. */
    @Test void onlyItsOwnRulesWaitForIt() throws InterruptedException {
        slow.asks = true;
        mesh.apply(SERVICES, OVEN);
        assertThat(mesh.send("", "food/pan", 80, "/")).isEqualTo("food/a:80");
        assertThat(mesh.send("", "food/oven", 80, "/")).startsWith("500 ");
        assertThat(mesh.condition("HTTPRoute food/oven", "Accepted")).isEqualTo("False Pending");
        assertThat(mesh.message("HTTPRoute food/oven", "Accepted")).contains("HTTPRoute food/oven rule 0 filter 0: the filter is still being made");
        assertThat(mesh.builder.cells().unfinished()).isTrue();
        assertThat(mesh.parts.plugins.making()).contains("plugin acme: create of " + Slow.class.getName());
        long generation = mesh.build.snapshot().generation();
        assertThat(mesh.again().snapshot().generation()).as("nothing new").isEqualTo(generation);
        slow.makes.countDown();
        buildUntil(this::served);
        assertThat(mesh.condition("HTTPRoute food/oven", "Accepted")).isEqualTo("True Accepted");
        assertThat(mesh.builder.cells().unfinished()).isFalse();
        assertThat(slow.made).hasSize(1);
    }

    @Test void theOneBeforeServesUntilTheNewOneIsMade() throws InterruptedException {
        inTime();
        RulePlan before = rule();
        Slow better = new Slow();
        mesh.parts.filters.add(better, Map.of("service.ranking", 5));
        mesh.again();
        assertThat(rule()).isSameAs(before);
        better.makes.countDown();
        buildUntil(() -> rule() != before);
        assertThat(served()).isTrue();
        assertThat(better.made).hasSize(1);
    }

    /** The slot is the same, the filter is not. */
    @Test void anotherRulesFilterNeverStandsIn() {
        inTime();
        Slow better = new Slow();
        mesh.parts.filters.add(better, Map.of("service.ranking", 5));
        mesh.apply(SERVICES, OVEN.replace("name: a, port: 80}}", "name: pan, port: 80}}"));
        assertThat(mesh.send("", "food/oven", 80, "/")).startsWith("500 ");
        better.makes.countDown();
    }

    @Test void whatNobodyWantsAnyMoreIsClosedWhenItIsMade() throws InterruptedException {
        mesh.apply(SERVICES, OVEN);
        remove();
        assertThat(mesh.builder.cells().unfinished()).isFalse();
        assertThat(mesh.builder.cells().uses(slow)).isTrue();
        slow.closes.countDown();
        slow.makes.countDown();
        until(() -> !mesh.builder.cells().uses(slow));
        assertThat(slow.made).hasSize(1);
        assertThat(slow.closed).hasValue(1);
    }

    @Test void closingIsNotWaitedForButTheFactoryIsInUseUntilThen() throws InterruptedException {
        inTime();
        remove();
        assertThat(slow.closed).hasValue(0);
        assertThat(mesh.builder.cells().uses(slow)).isTrue();
        slow.closes.countDown();
        until(() -> !mesh.builder.cells().uses(slow));
        assertThat(slow.closed).hasValue(1);
    }

    private static void until(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 6000 && !condition.getAsBoolean(); i++) Thread.sleep(10);
        assertThat(condition.getAsBoolean()).isTrue();
    }
}
