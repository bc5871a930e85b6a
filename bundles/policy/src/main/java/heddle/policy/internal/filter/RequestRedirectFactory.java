package heddle.policy.internal.filter;

import heddle.api.model.RouteFilter;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterAction.Field;
import heddle.api.policy.FilterFactory;
import heddle.api.policy.FilterSpec;
import heddle.api.policy.InvalidFilterException;
import heddle.api.policy.OnLoop;
import heddle.api.policy.RequestEdit;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/** RequestRedirect (SPEC.md F7, F8; the query is kept: further decisions). */
@Component
public final class RequestRedirectFactory implements FilterFactory {
    private static final Set<Integer> STATUS = Set.of(301, 302, 303, 307, 308);

    @Override public String type() {
        return "RequestRedirect";
    }

    @Override public Filter create(FilterSpec spec) throws InvalidFilterException {
        if (!(spec.filter() instanceof RouteFilter.Redirect redirect)) throw new InvalidFilterException("requestRedirect: missing in " + spec.where());
        if (!STATUS.contains(redirect.statusCode())) {
            throw new InvalidFilterException("statusCode: " + redirect.statusCode() + " (expected: 301, 302, 303, 307 or 308) in " + spec.where());
        }
        Optional<String> scheme = redirect.scheme();
        if (scheme.isPresent() && !scheme.get().equals("http") && !scheme.get().equals("https")) {
            throw new InvalidFilterException("scheme: " + scheme.get() + " (expected: http or https) in " + spec.where());
        }
        OptionalInt port = redirect.port();
        if (port.isPresent() && (port.getAsInt() < 1 || port.getAsInt() > 65_535)) {
            throw new InvalidFilterException("port: " + port.getAsInt() + " (expected: 1 to 65535) in " + spec.where());
        }
        return new RequestRedirect(scheme, Hostname.checked(redirect.hostname(), spec), PathChange.of(redirect.path(), spec), port, redirect.statusCode());
    }

    @OnLoop
    record RequestRedirect(Optional<String> scheme, Optional<String> hostname, PathChange path, OptionalInt port, int status) implements Filter {
        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            String location = location(request, exchange.destination());
            return Replies.text(status, "redirect", "see the Location header", List.of(new Field("location", location)));
        }

        private String location(RequestEdit request, InetSocketAddress destination) {
            String toScheme = scheme.orElse(request.scheme());
            int standard = toScheme.equals("https") ? 443 : 80;
            int toPort = port.orElse(scheme.isPresent() ? standard : destination.getPort());
            StringBuilder location = new StringBuilder(toScheme).append("://").append(hostname.orElseGet(() -> host(request.authority(), destination)));
            if (toPort != standard) location.append(':').append(toPort);
            return location.append(path.target(request)).toString();
        }

        /** The host that the client named, without its port; the Service's address when it named none. */
        private static String host(String authority, InetSocketAddress destination) {
            if (authority.isEmpty()) {
                String address = destination.getAddress().getHostAddress();
                return destination.getAddress() instanceof Inet6Address ? "[" + address + "]" : address;
            }
            int colon = authority.lastIndexOf(':');
            return colon > 0 && authority.indexOf(']', colon) < 0 ? authority.substring(0, colon) : authority;
        }
    }
}
