package heddle.policy.internal.filter;

import heddle.api.model.RouteFilter.Header;
import heddle.api.model.RouteFilter.HeaderModifier;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterFactory;
import heddle.api.policy.FilterSpec;
import heddle.api.policy.InvalidFilterException;
import heddle.api.policy.OnLoop;
import heddle.api.policy.RequestEdit;
import org.osgi.service.component.annotations.Component;

/** RequestHeaderModifier (SPEC.md F6). */
@Component
public final class RequestHeaderModifierFactory implements FilterFactory {
    @Override public String type() {
        return "RequestHeaderModifier";
    }

    @Override public Filter create(FilterSpec spec) throws InvalidFilterException {
        if (!(spec.filter() instanceof HeaderModifier modifier)) throw new InvalidFilterException("requestHeaderModifier: missing in " + spec.where());
        return new RequestHeaderModifier(HeaderEdits.checked(modifier, spec.where()));
    }

    @OnLoop
    static final class RequestHeaderModifier implements Filter {
        private final Header[] set;
        private final Header[] add;
        private final String[] remove;

        RequestHeaderModifier(HeaderModifier modifier) {
            this.set = modifier.set().toArray(Header[]::new);
            this.add = modifier.add().toArray(Header[]::new);
            this.remove = modifier.remove().toArray(String[]::new);
        }

        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            for (Header header : set) {
                if (header.name().equalsIgnoreCase("host")) request.setAuthority(header.value());
                else request.setHeader(header.name(), header.value());
            }
            for (Header header : add) request.addHeader(header.name(), header.value());
            for (String name : remove) request.removeHeader(name);
            return FilterAction.CONTINUE;
        }
    }
}
