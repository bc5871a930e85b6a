package heddle.policy.internal.filter;

import heddle.api.model.RouteFilter;
import heddle.api.policy.Backend;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterFactory;
import heddle.api.policy.FilterSpec;
import heddle.api.policy.InvalidFilterException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Component;

/** ExternalAuth (SPEC.md F12). */
@Component
public final class ExternalAuthFactory implements FilterFactory {
    @Override public String type() {
        return "ExternalAuth";
    }

    @Override public Filter create(FilterSpec spec) throws InvalidFilterException {
        if (!(spec.filter() instanceof RouteFilter.ExternalAuth auth)) throw new InvalidFilterException("externalAuth: missing in " + spec.where());
        if (auth.forwardBodyBytes() < 0) throw new InvalidFilterException("forwardBody.maxSize: " + auth.forwardBodyBytes() + " (expected: at least 0) in " + spec.where());
        Backend backend = spec.backend(auth.backend());
        Set<String> request = names(auth.allowedRequestHeaders(), "allowedHeaders", spec);
        if (auth.grpc()) return new ExternalAuthGrpc(backend, request, auth.forwardBodyBytes());
        return new ExternalAuthHttp(backend, request, prefix(auth.pathPrefix(), spec), names(auth.allowedResponseHeaders(), "http.allowedResponseHeaders", spec), auth.forwardBodyBytes());
    }

    private static Set<String> names(List<String> names, String field, FilterSpec spec) throws InvalidFilterException {
        for (String name : names) {
            if (!HeaderEdits.isToken(name)) throw new InvalidFilterException(field + ": " + name + " (expected: header names) in " + spec.where());
        }
        return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }

    private static String prefix(String path, FilterSpec spec) throws InvalidFilterException {
        if (path.isEmpty() || path.equals("/")) return "";
        if (!path.startsWith("/") || path.chars().anyMatch(c -> c <= ' ' || c >= 0x7f || c == '?' || c == '#') || path.contains("/..") || path.contains("//")) {
            throw new InvalidFilterException("http.path: " + path + " (expected: an absolute path without query, // or ..) in " + spec.where());
        }
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }
}
