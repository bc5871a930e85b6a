package heddle.policy.internal.filter;

import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterFactory;
import heddle.api.policy.FilterSpec;
import heddle.api.policy.InvalidFilterException;
import heddle.api.policy.OnLoop;
import heddle.api.policy.RequestEdit;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.osgi.service.component.annotations.Component;

/** heddle.io/CircuitLimit: at most {@code maxRequests} of the rule (or backendRef) in flight on this daemon; the next one is 503 at once. */
@Component
public final class CircuitLimitFactory implements FilterFactory {
    @Override public String type() {
        return "heddle.io/CircuitLimit";
    }

    @Override public Filter create(FilterSpec spec) throws InvalidFilterException {
        Resource resource = Resource.of(spec).only("maxRequests");
        int maxRequests = (int) resource.number("maxRequests", 1, Integer.MAX_VALUE, 0);
        if (maxRequests == 0) throw resource.bad("maxRequests", "is absent (expected: how many may be in flight)");
        return new CircuitLimit(maxRequests);
    }

    @OnLoop
    static final class CircuitLimit implements Filter {
        private final int maxRequests;
        private final AtomicInteger inFlight = new AtomicInteger();

        CircuitLimit(int maxRequests) {
            this.maxRequests = maxRequests;
        }

        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            if (inFlight.incrementAndGet() > maxRequests) {
                inFlight.decrementAndGet();
                return Replies.failure(request, 503, 13, "circuit-limit", "too many requests in flight", List.of());
            }
            exchange.onEnd(inFlight::decrementAndGet);
            return FilterAction.CONTINUE;
        }
    }
}
