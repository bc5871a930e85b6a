package heddle.policy.internal.filter;

import heddle.api.model.RouteFilter;
import heddle.api.policy.Backend;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterFactory;
import heddle.api.policy.FilterSpec;
import heddle.api.policy.InvalidFilterException;
import heddle.api.policy.OnLoop;
import heddle.api.policy.RequestEdit;
import org.osgi.service.component.annotations.Component;

/** RequestMirror (SPEC.md F10): decides which requests are copied; the forwarder copies, and never waits for a mirror. */
@Component
public final class RequestMirrorFactory implements FilterFactory {
    @Override public String type() {
        return "RequestMirror";
    }

    @Override public Filter create(FilterSpec spec) throws InvalidFilterException {
        if (!(spec.filter() instanceof RouteFilter.Mirror mirror)) throw new InvalidFilterException("requestMirror: missing in " + spec.where());
        if (mirror.denominator() < 1) throw new InvalidFilterException("fraction.denominator: " + mirror.denominator() + " (expected: at least 1) in " + spec.where());
        if (mirror.numerator() < 0 || mirror.numerator() > mirror.denominator()) {
            throw new InvalidFilterException("fraction.numerator: " + mirror.numerator() + " (expected: 0 to " + mirror.denominator() + ") in " + spec.where());
        }
        return new RequestMirror(spec.backend(mirror.backend()), mirror.numerator(), mirror.denominator());
    }

    @OnLoop
    record RequestMirror(Backend backend, int numerator, int denominator) implements Filter {
        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            if (numerator == denominator || exchange.random(denominator) < numerator) exchange.mirror(backend);
            return FilterAction.CONTINUE;
        }
    }
}
