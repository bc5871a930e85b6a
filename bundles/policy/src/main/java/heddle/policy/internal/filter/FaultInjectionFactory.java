package heddle.policy.internal.filter;

import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterFactory;
import heddle.api.policy.FilterSpec;
import heddle.api.policy.InvalidFilterException;
import heddle.api.policy.OnLoop;
import heddle.api.policy.RequestEdit;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.osgi.service.component.annotations.Component;

/** heddle.io/FaultInjection: delays and aborts a share of the requests, each drawn by itself; a delayed one may be aborted after it. */
@Component
public final class FaultInjectionFactory implements FilterFactory {
    private static final int WHOLE = 10_000;

    @Override public String type() {
        return "heddle.io/FaultInjection";
    }

    @Override public Filter create(FilterSpec spec) throws InvalidFilterException {
        Resource resource = Resource.of(spec).only("delay", "abort");
        Optional<Resource> delay = resource.object("delay");
        Optional<Resource> abort = resource.object("abort");
        if (delay.isEmpty() && abort.isEmpty()) throw resource.bad("delay", "is absent, and so is abort (expected: one of them)");
        Duration time = Duration.ZERO;
        int delayed = 0;
        if (delay.isPresent()) {
            time = delay.get().only("duration", "percent").duration("duration", Duration.ZERO);
            if (time.isZero()) throw delay.get().bad("duration", "is absent or zero (expected: a duration)");
            delayed = delay.get().percent("percent", WHOLE);
        }
        int status = 0;
        int aborted = 0;
        if (abort.isPresent()) {
            status = (int) abort.get().only("statusCode", "percent").number("statusCode", 400, 599, 503);
            aborted = abort.get().percent("percent", WHOLE);
        }
        return new FaultInjection(time, delayed, status, aborted, FaultInjectionFactory::after);
    }

    /** On the JDK's timer, not on the event loop; the forwarder comes back to its loop. */
    private static CompletionStage<Void> after(Duration delay) {
        return CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS));
    }

    /** @param delayed share of requests in 1/10,000; {@code aborted} too */
    @OnLoop
    record FaultInjection(Duration delay, int delayed, int status, int aborted, Function<Duration, CompletionStage<Void>> timer) implements Filter {
        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            boolean late = delayed > 0 && exchange.random(WHOLE) < delayed;
            boolean fails = aborted > 0 && exchange.random(WHOLE) < aborted;
            FilterAction then = fails ? Replies.failure(request, status, grpcStatus(), "fault-abort", "aborted by a FaultInjection", List.of()) : FilterAction.CONTINUE;
            return late ? new FilterAction.Later(timer.apply(delay).thenApply(_ -> then)) : then;
        }

        /** As a gRPC client reads an HTTP status (gRPC's http-grpc-status-mapping). */
        private int grpcStatus() {
            return switch (status) {
                case 400 -> 13;
                case 401 -> 16;
                case 403 -> 7;
                case 404 -> 12;
                case 429, 502, 503, 504 -> 14;
                default -> 2;
            };
        }
    }
}
