package heddle.sample.tenant;

import heddle.api.match.PredicateFactory;
import heddle.api.match.RequestHead;
import heddle.api.model.CustomObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.osgi.service.component.annotations.Component;

/** Makes conditions out of TenantMatch resources, which a route attaches to a rule by annotation
 *  {@code heddle.io/match.<rule name>: TenantMatch.samples.heddle.io/<name>}:
 *  <pre>
 *  apiVersion: samples.heddle.io/v1
 *  kind: TenantMatch
 *  metadata: {name: gold-europe, namespace: shop}
 *  spec:
 *    tenants: {in: [acme, globex], from: {header: x-tenant}}      # or {label: tenant}, {namespace: true}
 *    regions: {in: [eu-west, eu-north], from: {header: x-client-region}}
 *  </pre>
 *  Both hold when both are given. What a client may not choose itself should come from a label or the namespace, which the mesh knows. */
@Component
public final class TenantMatchFactory implements PredicateFactory {
    static final String TYPE = "samples.heddle.io/TenantMatch";

    @Override public String type() {
        return TYPE;
    }

    @Override public Predicate<RequestHead> create(CustomObject resource) {
        String object = resource.key().toString();
        only(resource.spec(), "spec", object, "tenants", "regions");
        Predicate<RequestHead> all = head -> true;
        if (resource.spec().isEmpty()) throw bad("spec", "is empty (expected: tenants, regions or both)", object);
        for (String field : List.of("tenants", "regions")) {
            if (resource.spec().containsKey(field)) all = all.and(oneOf(resource.spec().get(field), "spec." + field, object));
        }
        return all;
    }

    private static Predicate<RequestHead> oneOf(Object given, String path, String object) {
        Map<?, ?> condition = map(given, path, object);
        only(condition, path, object, "in", "from");
        if (!(condition.get("in") instanceof List<?> list) || list.isEmpty() || !list.stream().allMatch(String.class::isInstance)) {
            throw bad(path + ".in", condition.get("in") + " (expected: a list of names)", object);
        }
        Set<String> names = Set.copyOf(list.stream().map(String.class::cast).toList());
        Origin origin = Origin.of(map(condition.get("from"), path + ".from", object), path + ".from", object);
        return head -> names.contains(origin.of(head));
    }

    private static Map<?, ?> map(@org.jspecify.annotations.Nullable Object value, String path, String object) {
        if (value instanceof Map<?, ?> map) return map;
        throw bad(path, value + " (expected: an object)", object);
    }

    private static void only(Map<?, ?> fields, String path, String object, String... names) {
        for (Object name : fields.keySet()) {
            if (!Set.of(names).contains(String.valueOf(name))) throw bad(path + "." + name, "is unknown (expected: " + String.join(", ", names) + ")", object);
        }
    }

    static IllegalArgumentException bad(String field, String problem, String object) {
        return new IllegalArgumentException(field + ": " + problem + " in " + object);
    }
}
