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
import heddle.api.policy.ResponseEdit;
import org.osgi.service.component.annotations.Component;

/** ResponseHeaderModifier (SPEC.md F6). */
@Component
public final class ResponseHeaderModifierFactory implements FilterFactory {
    @Override public String type() {
        return "ResponseHeaderModifier";
    }

    @Override public Filter create(FilterSpec spec) throws InvalidFilterException {
        if (!(spec.filter() instanceof HeaderModifier modifier)) throw new InvalidFilterException("responseHeaderModifier: missing in " + spec.where());
        return new ResponseHeaderModifier(HeaderEdits.checked(modifier, spec.where()));
    }

    @OnLoop
    static final class ResponseHeaderModifier implements Filter {
        private final Header[] set;
        private final Header[] add;
        private final String[] remove;

        ResponseHeaderModifier(HeaderModifier modifier) {
            this.set = modifier.set().toArray(Header[]::new);
            this.add = modifier.add().toArray(Header[]::new);
            this.remove = modifier.remove().toArray(String[]::new);
        }

        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            return FilterAction.CONTINUE;
        }

        @Override public boolean seesResponse() {
            return true;
        }

        @Override public void onResponse(ResponseEdit response, Exchange exchange) {
            for (Header header : set) response.setHeader(header.name(), header.value());
            for (Header header : add) {
                if (header.name().equalsIgnoreCase("set-cookie")) response.appendHeader(header.name(), header.value());     // its value may hold commas (RFC 6265 §3)
                else response.addHeader(header.name(), header.value());
            }
            for (String name : remove) response.removeHeader(name);
        }
    }
}
