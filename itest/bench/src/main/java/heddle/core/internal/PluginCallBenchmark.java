package heddle.core.internal;

import heddle.api.plan.PluginFilter;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.OnLoop;
import heddle.api.policy.RequestEdit;
import heddle.testkit.EditedRequest;
import heddle.testkit.GivenExchange;
import java.util.Optional;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What one call of a plugin's filter that sets one header costs: as it is, through the guard on the event loop ({@code @OnLoop}), and
 *  through the guard's executor and back to the thread that waits. In this package because the guard is core's own. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PluginCallBenchmark {
    private static class Stamp implements Filter {
        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            request.setHeader("x-stamp", "hello");
            return FilterAction.CONTINUE;
        }
    }

    @OnLoop
    private static final class LoopStamp extends Stamp {}

    private final EditedRequest request = EditedRequest.get("/cart").with("x-a", "1").with("x-b", "2");
    private final GivenExchange exchange = new GivenExchange();
    private PluginGuards guards;
    private Filter plain;
    private Filter onLoop;
    private PluginFilter handed;

    @Setup public void make() {
        guards = new PluginGuards(service -> Optional.of(new PluginGuards.Plugin(1, "bench")), new CoreMetrics(new Whiteboard<>()));
        PluginGuard guard = guards.of(this).orElseThrow();
        plain = new LoopStamp();
        onLoop = GuardedFilter.of(new LoopStamp(), guard, "bench", false);
        handed = (PluginFilter) GuardedFilter.of(new Stamp(), guard, "bench", false);
    }

    @TearDown public void end() {
        guards.close();
    }

    @Benchmark public FilterAction plain() {
        return plain.onRequest(request, exchange);
    }

    @Benchmark public FilterAction onLoop() {
        return onLoop.onRequest(request, exchange);
    }

    @Benchmark public FilterAction handedOverAndBack() throws InterruptedException {
        SynchronousQueue<FilterAction> back = new SynchronousQueue<>();
        FilterAction[] action = new FilterAction[1];
        handed.call(() -> action[0] = handed.onRequest(request, exchange), (fault, running) -> {
            try {
                back.put(action[0]);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
        return back.take();
    }
}
