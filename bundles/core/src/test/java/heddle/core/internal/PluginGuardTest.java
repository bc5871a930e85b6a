package heddle.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.admin.PluginReport;
import heddle.api.isolation.Leash;
import heddle.api.plan.PluginFilter;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.InvalidFilterException;
import heddle.api.policy.OnLoop;
import heddle.api.policy.RequestEdit;
import heddle.api.telemetry.Counter;
import heddle.api.telemetry.MetricsSink;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a plugin does wrong is its own: real threads, the watchdog as it is. */
@Timeout(120)
class PluginGuardTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final PluginGuards.Plugin ACME = new PluginGuards.Plugin(7, "acme");
    private static final long HOUR = TimeUnit.HOURS.toNanos(1);

    private record Ended(@Nullable Throwable fault, boolean running) {}

    private final PluginGuards guards = new PluginGuards(service -> Optional.of(ACME), new CoreMetrics(new Whiteboard<>()));
    private final BlockingQueue<Ended> ends = new LinkedBlockingQueue<>();

    @AfterEach void close() {
        guards.close();
    }

    private PluginGuard guard(int threads, int queue, long budgetMillis) {
        guards.limits(new PluginGuard.Limits(threads, queue, budgetMillis * 1_000_000));
        return guards.of(this).orElseThrow();
    }

    private Ended call(PluginGuard guard, Runnable work) throws InterruptedException {
        guard.call("filter", work, (fault, running) -> ends.add(new Ended(fault, running)));
        Ended end = ends.poll(60, TimeUnit.SECONDS);
        assertThat(end).isNotNull();
        return end;
    }

    /** Until it is interrupted. */
    private static void block(long nanos) {
        long end = System.nanoTime() + nanos;
        while (!Thread.currentThread().isInterrupted() && end - System.nanoTime() > 0) LockSupport.parkNanos(end - System.nanoTime());
    }

    private Map<String, Long> counts() {
        return guards.reports().stream().map(PluginReport::calls).findFirst().orElseThrow();
    }

    @Test void aCallRunsOnAThreadOfThePlugin() throws InterruptedException {
        List<String> threads = new ArrayList<>();
        assertThat(call(guard(2, 2, 30_000), () -> threads.add(Thread.currentThread().getName()))).isEqualTo(new Ended(null, false));
        assertThat(threads).singleElement().satisfies(name -> assertThat(name).endsWith(" acme"));
    }

    @Test void whatItThrowsIsCountedAndTheNextCallIsMade() throws InterruptedException {
        PluginGuard guard = guard(1, 2, 30_000);
        for (Error fault : List.of(new OutOfMemoryError("planted"), new StackOverflowError(), new AssertionError("x"))) {
            assertThat(call(guard, () -> {
                throw fault;
            }).fault()).isSameAs(fault);
        }
        assertThat(call(guard, () -> {}).fault()).isNull();
        assertThat(counts()).containsEntry("fault", 3L).containsEntry("ok", 1L);
        assertThat(guard.faulty()).isEmpty();
    }

    @Test void aCallOverItsBudgetIsNotWaitedForAndThePluginIsNotCalledAgain() throws InterruptedException {
        PluginGuard guard = guard(1, 2, 100);
        CountDownLatch interrupted = new CountDownLatch(1);
        Ended late = call(guard, () -> {
            block(60_000_000_000L);
            if (Thread.interrupted()) interrupted.countDown();
        });
        assertThat(late.running()).isTrue();
        assertThat(late.fault()).hasMessageContaining("ran longer than plugins.budget, 100 ms");
        assertThat(interrupted.await(60, TimeUnit.SECONDS)).as("the thread is interrupted").isTrue();
        Ended next = call(guard, () -> {
            throw new AssertionError("called");
        });
        assertThat(next.fault()).hasMessageContaining("plugin acme is faulty");
        assertThat(next.running()).isFalse();
        assertThat(counts()).containsEntry("overdue", 1L).containsEntry("refused", 1L);
    }

    /** Looked at by hand, since the first call's time runs before the last one is made. */
    @Test void whatWaitsBehindAStuckCallIsToldToo() throws InterruptedException {
        WatchClock clock = new WatchClock(1, System.nanoTime());
        CountDownLatch release = new CountDownLatch(1);
        try (PluginGuard guard = new PluginGuard("acme", new PluginGuard.Limits(1, 1, 100_000_000), clock, new LoopCalls(clock), thread -> {})) {
            for (int i = 0; i < 3; i++) guard.call("filter", () -> awaitQuietly(release), (fault, running) -> ends.add(new Ended(fault, running)));
            Ended full = ends.poll(60, TimeUnit.SECONDS);
            assertThat(full.fault()).hasMessageContaining("is busy: 1 calls run and 1 wait");
            for (long now = System.nanoTime(); ends.size() < 2; now += HOUR) {
                guard.watch(now);
                Thread.sleep(1);
            }
            assertThat(ends).extracting(Ended::running).containsExactlyInAnyOrder(true, false);
        } finally {
            release.countDown();
        }
    }

    /** Swallows interrupts, as bad code does. */
    private static void awaitQuietly(CountDownLatch latch) {
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException swallowed) {
                // on purpose
            }
        }
    }

    @Test void threeFaultsAmongTheFirstCallsAreABadStart() throws InterruptedException {
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        guards.onStart((plugin, start) -> told.add(plugin.name() + " " + start));
        PluginGuard guard = guard(1, 2, 30_000);
        for (int i = 0; i < 3; i++) {
            call(guard, () -> {
                throw new IllegalStateException("x");
            });
        }
        assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo("acme BAD");
        assertThat(told.poll(100, TimeUnit.MILLISECONDS)).as("said once").isNull();
    }

    @Test void aPluginThatFailsNowAndThenHasStartedWell() throws InterruptedException {
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        guards.onStart((plugin, start) -> told.add(plugin.name() + " " + start));
        PluginGuard guard = guard(1, 2, 30_000);
        for (int i = 0; i < 21; i++) {
            boolean bad = i == 3 || i == 9;
            call(guard, () -> {
                if (bad) throw new IllegalStateException("x");
            });
        }
        assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo("acme GOOD");
    }

    @Test void whatWaitsForAThreadIsNotOverItsBudget() throws InterruptedException {
        PluginGuard guard = guard(1, 8, 1500);
        for (int i = 0; i < 8; i++) guard.call("filter", () -> block(250_000_000L), (fault, running) -> ends.add(new Ended(fault, running)));
        for (int i = 0; i < 8; i++) assertThat(ends.poll(60, TimeUnit.SECONDS)).isEqualTo(new Ended(null, false));
        assertThat(guard.faulty()).isEmpty();
    }

    @Test void aThreadThatACallHasStartedIsEndedWhenThePluginHasLeft() throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        PluginGuard guard = guard(1, 2, 30_000);
        call(guard, () -> new Thread(() -> {
            try {
                Thread.sleep(1_000_000);
            } catch (InterruptedException told) {
                ended.countDown();
            }
        }).start());
        guards.left(this);
        assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
    }

    /** The timer would be interrupted without end, at the lowest priority, when the plugin has left. */
    @Test void theJdksOneTimerIsNoThreadOfThePluginThatNeedsItFirst() throws InterruptedException {
        assertThat(call(guard(1, 2, 30_000), () -> new CompletableFuture<String>().completeOnTimeout("", 1, TimeUnit.MILLISECONDS).join()).fault()).isNull();
        assertThat(Thread.getAllStackTraces().keySet()).filteredOn(thread -> thread.getName().contains("elayScheduler")).isNotEmpty().noneMatch(thread -> thread.getThreadGroup().getName().startsWith("plugin "));
    }

    /** Of a version that is rolled back within a second its faults would else never show. */
    @Test void whatAPluginDidLastIsInTheMetricsWhenItHasLeft() throws InterruptedException {
        Map<String, Long> published = new ConcurrentHashMap<>();
        Whiteboard<MetricsSink> sinks = new Whiteboard<>();
        sinks.add((MetricsSink) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {MetricsSink.class}, (proxy, method, arguments) -> {
            Counter counter = amount -> published.merge(String.join(" ", (String[]) arguments[1]), amount, Long::sum);
            return method.getName().equals("counter") ? counter : null;
        }), Map.of());
        try (PluginGuards own = new PluginGuards(service -> Optional.of(ACME), new CoreMetrics(sinks))) {
            own.limits(new PluginGuard.Limits(1, 2, 30_000_000_000L));
            for (long version = 1; version <= 2; version++) {
                call(own.of(this).orElseThrow(), () -> {
                    throw new IllegalStateException("x");
                });
                own.left(this);
                for (int i = 0; i < 3000 && published.getOrDefault("acme fault", 0L) < version; i++) Thread.sleep(10);
                assertThat(published).containsExactly(Map.entry("acme fault", version));
            }
        }
    }

    @Test void whatIsMadeBesideTheRequestsFailsWithWhatItThrew() {
        PluginGuard guard = guard(1, 1, 200);
        assertThat(guard.make("create", () -> "made")).succeedsWithin(LONG).isEqualTo("made");
        assertThat(guard.make("create", () -> {
            throw new InvalidFilterException("spec.size: -1");
        })).failsWithin(LONG).withThrowableOfType(ExecutionException.class).withCause(new InvalidFilterException("spec.size: -1"));
        assertThat(guard.make("create", () -> {
            throw new StackOverflowError();
        })).failsWithin(LONG).withThrowableOfType(ExecutionException.class).withCauseInstanceOf(PluginGuard.PluginFault.class);
        assertThat(guard.make("create", () -> {
            block(60_000_000_000L);
            return "late";
        })).failsWithin(LONG).withThrowableOfType(ExecutionException.class).withMessageContaining("create ran longer than 10 times plugins.budget, 200 ms");
        assertThat(guard.faulty()).isNotEmpty();
    }

    /** Else each rule that has its filter would wait for ten budgets more. */
    @Test void aFaultyPluginMakesNothingMoreButLetsGo() throws Exception {
        PluginGuard guard = guard(1, 1, 50);
        CountDownLatch makes = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        CompletableFuture<String> making = guard.make("create", () -> {
            makes.countDown();
            while (over.getCount() > 0) Thread.onSpinWait();       // as code that is not woven
            return "made";
        });
        makes.await();
        CompletableFuture<String> waiting = guard.make("create", () -> "made");
        assertThat(making).failsWithin(LONG).withThrowableOfType(ExecutionException.class).withMessageContaining("ran longer than 10 times plugins.budget, 50 ms");
        assertThat(waiting).failsWithin(LONG).withThrowableOfType(ExecutionException.class).withMessageContaining("is faulty");
        assertThat(guard.make("create", () -> "made")).failsWithin(LONG).withThrowableOfType(ExecutionException.class).withMessageContaining("is faulty");
        assertThat(guard.letGo("close", () -> {})).succeedsWithin(LONG);
        over.countDown();
    }

    @Test void whatIsBeingMadeCanBeAskedFor() {
        PluginGuard guard = guard(1, 1, 10_000);
        assertThat(guard.make("create of it", guards::making)).succeedsWithin(LONG).isEqualTo("plugin " + guard.name() + ": create of it");
        assertThat(guards.making()).isEmpty();
    }

    @Test void whenTheLastServiceOfAPluginHasLeftItStartsAnew() throws InterruptedException {
        PluginGuard guard = guard(1, 2, 50);
        call(guard, () -> block(60_000_000_000L));
        assertThat(guard.faulty()).isNotEmpty();
        Object other = new Object();
        assertThat(guards.of(other)).contains(guard);
        guards.left(this);
        assertThat(guards.of(other)).contains(guard);
        guards.left(other);
        assertThat(guards.of(other).orElseThrow().faulty()).isEmpty();
    }

    @OnLoop
    private record Looped(@Nullable FilterAction action, long nanos) implements Filter {
        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            block(nanos);
            return action;
        }
    }

    @Test void aFilterThatOptedInStaysOnTheLoopAndOthersAreHandedOver() {
        PluginGuard guard = guard(1, 2, 50);
        Filter looped = GuardedFilter.of(new Looped(FilterAction.CONTINUE, 0), guard, "here", false);
        assertThat(looped).isNotInstanceOf(PluginFilter.class);
        assertThat(looped.getClass().isAnnotationPresent(OnLoop.class)).isTrue();
        assertThat(GuardedFilter.of((request, exchange) -> FilterAction.CONTINUE, guard, "here", false)).isInstanceOf(PluginFilter.class);
    }

    @OnLoop
    private record Spins() implements Filter {
        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            while (true) Leash.check();                              // as woven
        }
    }

    @Test void onTheLoopABlockedCallIsInterruptedAndASpinEnds() {
        PluginGuard blocked = guard(1, 2, 100);
        Filter sleeps = GuardedFilter.of(new Looped(FilterAction.CONTINUE, 60_000_000_000L), blocked, "here", false);
        assertThat(sleeps.onRequest(null, null)).isEqualTo(FilterAction.CONTINUE);
        assertThat(Thread.interrupted()).as("the loop's own state").isFalse();
        assertThat(counts()).containsEntry("overdue", 1L);
        assertThatThrownBy(() -> sleeps.onRequest(null, null)).hasMessageContaining("plugin acme is faulty").hasMessageContaining("on the event loop");
        guards.left(this);
        Filter spins = GuardedFilter.of(new Spins(), guard(1, 2, 100), "here", false);
        assertThatThrownBy(() -> spins.onRequest(null, null)).isInstanceOf(Leash.AbortedCall.class);
        Leash.check();
        assertThat(counts()).containsEntry("overdue", 1L);
    }

    @Test void aFaultyPluginOnTheLoopIsPassedWhereTheResourceSaysSo() {
        PluginGuard guard = guard(1, 2, 60_000);
        Filter fails = GuardedFilter.of(new Looped(null, 0), guard, "here", true);
        assertThat(fails.onRequest(null, null)).isEqualTo(FilterAction.CONTINUE);
        guard.condemn("by the test", new StackTraceElement[0]);
        assertThat(fails.onRequest(null, null)).isEqualTo(FilterAction.CONTINUE);
        assertThat(counts()).containsEntry("fault", 1L).containsEntry("ok", 0L);
    }
}
