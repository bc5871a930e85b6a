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
import heddle.api.policy.ResponseEdit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** CORS (SPEC.md F11; the Fetch standard's CORS protocol). */
@Component
public final class CorsFactory implements FilterFactory {
    @Override public String type() {
        return "CORS";
    }

    @Override public Filter create(FilterSpec spec) throws InvalidFilterException {
        if (!(spec.filter() instanceof RouteFilter.Cors cors)) throw new InvalidFilterException("cors: missing in " + spec.where());
        if (cors.maxAgeSeconds() < 0) throw new InvalidFilterException("maxAge: " + cors.maxAgeSeconds() + " (expected: at least 1) in " + spec.where());
        alone(cors.allowMethods(), "allowMethods", spec);
        alone(cors.allowHeaders(), "allowHeaders", spec);
        return new Cors(CorsOrigins.of(cors.allowOrigins(), spec), cors.allowCredentials(), cors.allowMethods(), cors.allowHeaders(),
                exposed(cors), Integer.toString(cors.maxAgeSeconds()));
    }

    private static void alone(List<String> values, String field, FilterSpec spec) throws InvalidFilterException {
        if (values.size() > 1 && values.contains("*")) throw new InvalidFilterException(field + ": * beside others (expected: * alone) in " + spec.where());
    }

    /** With credentials {@code *} would be a header's name and expose nothing, so it is not sent. */
    private static String exposed(RouteFilter.Cors cors) {
        boolean any = cors.exposeHeaders().contains("*");
        if (any) return cors.allowCredentials() ? "" : "*";
        return String.join(", ", cors.exposeHeaders());
    }

    /** @param expose "" = none */
    @OnLoop
    record Cors(CorsOrigins origins, boolean credentials, List<String> methods, List<String> headers, String expose, String maxAge) implements Filter {
        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            String origin = request.header("origin");
            if (origin.isEmpty()) return FilterAction.CONTINUE;
            boolean allowed = origins.allows(origin);
            String method = request.header("access-control-request-method");
            if (request.method().equals("OPTIONS") && !method.isEmpty()) return preflight(origin, allowed, method, request.header("access-control-request-headers"));
            if (allowed) exchange.put(this, origin);
            return FilterAction.CONTINUE;
        }

        /** 204 whether the origin is allowed or not; without the headers the browser gives up. */
        private FilterAction preflight(String origin, boolean allowed, String method, String requestHeaders) {
            List<Field> fields = new ArrayList<>();
            fields.add(new Field("vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"));
            if (allowed) {
                fields.add(new Field("access-control-allow-origin", answered(origin)));
                if (credentials) fields.add(new Field("access-control-allow-credentials", "true"));
                list("access-control-allow-methods", methods, method, fields);
                list("access-control-allow-headers", headers, requestHeaders, fields);
                fields.add(new Field("access-control-max-age", maxAge));
            }
            return new FilterAction.Reply(204, fields, new byte[0], "cors-preflight");
        }

        /** For a wildcard what was asked for, which holds with and without credentials and covers Authorization too. */
        private static void list(String name, List<String> allowed, String asked, List<Field> fields) {
            String value = allowed.contains("*") ? asked : String.join(", ", allowed);
            if (!value.isEmpty()) fields.add(new Field(name, value));
        }

        private String answered(String origin) {
            return origins.any() && !credentials ? "*" : origin;
        }

        @Override public boolean seesResponse() {
            return true;
        }

        @Override public void onResponse(ResponseEdit response, Exchange exchange) {
            Optional<Object> origin = exchange.get(this);
            if (!origins.any() || credentials) vary(response);
            if (origin.isEmpty()) return;
            response.setHeader("access-control-allow-origin", answered((String) origin.get()));
            if (credentials) response.setHeader("access-control-allow-credentials", "true");
            else response.removeHeader("access-control-allow-credentials");
            if (!expose.isEmpty()) response.setHeader("access-control-expose-headers", expose);
        }

        /** Caches must keep answers for different origins apart, those without an origin too. */
        private static void vary(ResponseEdit response) {
            if (!response.header("vary").toLowerCase(Locale.ROOT).contains("origin")) response.addHeader("vary", "Origin");
        }
    }
}
