package heddle.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.plan.PluginFilter;
import heddle.api.policy.Answer;
import heddle.api.policy.Exchange;
import heddle.api.policy.FilterAction;
import heddle.api.policy.Subrequest;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a plugin's filter is called back with runs as its calls do: on its own threads, counted, within the budget. This thread is the event loop's. */
@Timeout(120)
class GuardedExchangeTest {
    private static final Subrequest ASK = new Subrequest("GET", "/", "auth", List.of(), new byte[0], false);
    private static final Answer YES = new Answer(200, List.of(), new byte[0], "");
    private final PluginGuards guards = new PluginGuards(service -> Optional.of(new PluginGuards.Plugin(7, "acme")), new CoreMetrics(new Whiteboard<>()));
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private final CountDownLatch asked = new CountDownLatch(1);
    private final BlockingQueue<Runnable> endTasks = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> threads = new LinkedBlockingQueue<>();
    private final Exchange exchange = (Exchange) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Exchange.class}, (proxy, method, arguments) -> switch (method.getName()) {
        case "call" -> {
            asked.countDown();
            yield answer;
        }
        case "onEnd" -> endTasks.add((Runnable) arguments[0]);
        default -> throw new AssertionError(method);
    });

    @AfterEach void close() {
        guards.close();
    }

    private PluginGuard guard(long budgetMillis) {
        guards.limits(new PluginGuard.Limits(1, 8, budgetMillis * 1_000_000));
        return guards.of(this).orElseThrow();
    }

    /** What a filter decides, on its own thread. */
    private CompletableFuture<FilterAction> decision(PluginGuard guard, boolean passedOnFault, Function<Exchange, FilterAction> decides) {
        PluginFilter filter = (PluginFilter) GuardedFilter.of((request, with) -> decides.apply(with), guard, "here", passedOnFault);
        CompletableFuture<FilterAction> decided = new CompletableFuture<>();
        FilterAction[] action = new FilterAction[1];
        filter.call(() -> action[0] = filter.onRequest(null, exchange), (fault, running) -> {
            if (fault == null) decided.complete(action[0]);
            else decided.completeExceptionally(fault);
        });
        return decided.thenCompose(made -> made instanceof FilterAction.Later later ? later.stage() : CompletableFuture.completedFuture(made));
    }

    private static FilterAction.Later later(Exchange with, Function<Answer, FilterAction> then) {
        CompletionStage<Answer> answer = with.call(null, ASK, Duration.ofSeconds(1));
        return new FilterAction.Later(answer.thenApply(then));
    }

    private FilterAction here() {
        threads.add(Thread.currentThread().getName());
        return FilterAction.CONTINUE;
    }

    private static FilterAction get(CompletableFuture<FilterAction> decision) throws Exception {
        return decision.get(60, TimeUnit.SECONDS);
    }

    private static @Nullable Throwable fault(CompletableFuture<FilterAction> decision) throws Exception {
        try {
            decision.get(60, TimeUnit.SECONDS);
            return null;
        } catch (ExecutionException failed) {
            return failed.getCause();
        }
    }

    @Test void anAnswerComesOnAThreadOfThePlugin() throws Exception {
        CompletableFuture<FilterAction> decision = decision(guard(30_000), false, with -> later(with, given -> here()));
        asked.await();
        answer.complete(YES);
        assertThat(get(decision)).isEqualTo(FilterAction.CONTINUE);
        assertThat(threads.poll(60, TimeUnit.SECONDS)).endsWith(" acme");
    }

    /** The plugin has one thread for calls, and that one waits. */
    @Test void aCallMayWaitForItsAnswer() throws Exception {
        CompletableFuture<FilterAction> decision = decision(guard(30_000), false, with -> with.call(null, ASK, Duration.ofSeconds(1)).toCompletableFuture().join().status() == 200 ? here() : null);
        asked.await();
        answer.complete(YES);
        assertThat(get(decision)).isEqualTo(FilterAction.CONTINUE);
    }

    /** Looked at by hand: however long the call itself takes on a busy machine, it is the answer's that is overdue. */
    @Test void whatTakesTooLongOnAnAnswerFailsItsExchangeAndThePluginIsFaulty() throws Exception {
        WatchClock clock = new WatchClock(1, System.nanoTime());
        CountDownLatch over = new CountDownLatch(1);
        try (PluginGuard guard = new PluginGuard("acme", new PluginGuard.Limits(1, 8, 100_000_000), clock, new LoopCalls(clock), thread -> {})) {
            CompletableFuture<FilterAction> decision = decision(guard, true, with -> later(with, given -> {
                while (over.getCount() > 0) Thread.onSpinWait();   // as code that is not woven
                return here();
            }));
            while (!guard.counts().contains(new PluginGuard.Count("ok", 1))) Thread.sleep(1);     // an answer before the call has ended might be worked on within it
            answer.complete(YES);
            for (long now = System.nanoTime(); !decision.isDone(); now += TimeUnit.HOURS.toNanos(1)) {
                guard.watch(now);
                Thread.sleep(1);
            }
            assertThat(fault(decision)).hasMessageContaining(", on an answer ran longer than plugins.budget, 100 ms");
            assertThat(guard.faulty()).contains("of here, on an answer");
        } finally {
            over.countDown();
        }
    }

    @Test void aDecisionThatFailsLaterIsAFaultAndPassedWhereTheResourceSaysSo() throws Exception {
        PluginGuard guard = guard(30_000);
        Function<Exchange, FilterAction> fails = with -> new FilterAction.Later(CompletableFuture.failedFuture(new IllegalStateException("on purpose")));
        assertThat(fault(decision(guard, false, fails))).hasMessage("on purpose");
        assertThat(get(decision(guard, true, fails))).isEqualTo(FilterAction.CONTINUE);
        assertThat(fault(decision(guard, false, with -> new FilterAction.Later(CompletableFuture.completedFuture(null))))).hasMessageContaining("decided null later");
        assertThat(guards.reports().getFirst().calls()).containsEntry("fault", 3L);
        assertThat(guard.start()).as("of which a new version may be rolled back").isEqualTo(PluginGuard.Start.BAD);
    }

    @Test void aDecisionMayBePutOffAgain() throws Exception {
        CompletableFuture<FilterAction> last = new CompletableFuture<>();
        CompletableFuture<FilterAction> decision = decision(guard(30_000), false, with -> new FilterAction.Later(CompletableFuture.completedFuture(new FilterAction.Later(last))));
        CompletableFuture<FilterAction> second = decision.thenCompose(again -> ((FilterAction.Later) again).stage());
        last.complete(FilterAction.CONTINUE);
        assertThat(get(second)).isEqualTo(FilterAction.CONTINUE);
    }

    @Test void theEndIsToldOnAThreadOfThePlugin() throws Exception {
        CompletableFuture<FilterAction> decision = decision(guard(30_000), false, with -> {
            with.onEnd(this::here);
            return FilterAction.CONTINUE;
        });
        get(decision);
        endTasks.take().run();
        assertThat(threads.poll(60, TimeUnit.SECONDS)).endsWith(" acme");
    }
}
