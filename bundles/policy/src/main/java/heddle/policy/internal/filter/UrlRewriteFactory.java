package heddle.policy.internal.filter;

import heddle.api.model.RouteFilter;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterFactory;
import heddle.api.policy.FilterSpec;
import heddle.api.policy.InvalidFilterException;
import heddle.api.policy.OnLoop;
import heddle.api.policy.RequestEdit;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** URLRewrite (SPEC.md F7, F9). */
@Component
public final class UrlRewriteFactory implements FilterFactory {
    @Override public String type() {
        return "URLRewrite";
    }

    @Override public Filter create(FilterSpec spec) throws InvalidFilterException {
        if (!(spec.filter() instanceof RouteFilter.UrlRewrite rewrite)) throw new InvalidFilterException("urlRewrite: missing in " + spec.where());
        Optional<String> hostname = Hostname.checked(rewrite.hostname(), spec);
        return new UrlRewrite(hostname.orElse(""), PathChange.of(rewrite.path(), spec));
    }

    /** @param hostname "" = unchanged */
    @OnLoop
    record UrlRewrite(String hostname, PathChange path) implements Filter {
        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            // A target without a path (*, authority form) has nothing to rewrite.
            if (!(path instanceof PathChange.Keep) && !request.path().isEmpty()) request.setTarget(path.target(request));
            if (!hostname.isEmpty()) request.setAuthority(hostname);
            return FilterAction.CONTINUE;
        }
    }
}
