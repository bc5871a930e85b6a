package heddle.forward.internal;

import heddle.api.identity.Client;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.OnLoop;
import heddle.api.policy.RequestEdit;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What an {@code @OnLoop} filter that sets one header adds to a request of the forwarder: the head as it was received, without and with a
 *  run of the chain. The difference is the plugin SPI's price. In this package because the chain is the forwarder's own. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class FilterChainBenchmark {
    @OnLoop
    private static final class Stamp implements Filter {
        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            request.setHeader("x-stamp", "hello");
            return FilterAction.CONTINUE;
        }
    }

    private final ReceivedRequest request = ReceivedRequest.made("GET", "/cart/7", "shop", Client.UNKNOWN);
    private final List<Filter> one = List.of(new Stamp());
    private int passed;

    @Benchmark public int headAlone() {
        head();
        return request.fields.length;
    }

    @Benchmark @SuppressWarnings("NullAway")                   // a request that no filter answers meets neither connection nor stream
    public int headAndOneFilter() {
        head();
        HttpExchange exchange = new HttpExchange(null, null, null, request, 0);
        new FilterRun(exchange, null).request(one, () -> passed++);
        return passed;
    }

    @Benchmark @SuppressWarnings("NullAway")
    public int headAndNoFilter() {
        head();
        HttpExchange exchange = new HttpExchange(null, null, null, request, 0);
        return exchange.done() ? 1 : 0;                         // as HttpExchange does for a rule without filters
    }

    private void head() {
        request.fields.clear();
        request.reset("GET", request.fields.layText("/cart/7"), request.fields.length, Client.UNKNOWN);
        request.fields.lay("host", "shop");
        request.fields.lay("user-agent", "curl/8.5.0");
        request.fields.lay("accept", "*/*");
        request.fields.lay("x-forwarded-for", "10.0.0.7");
        request.fields.lay("content-type", "application/json");
    }
}
