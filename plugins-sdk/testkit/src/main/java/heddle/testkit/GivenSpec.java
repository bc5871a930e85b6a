package heddle.testkit;

import heddle.api.model.BackendRef;
import heddle.api.model.CustomObject;
import heddle.api.model.HttpMatch;
import heddle.api.model.Metadata;
import heddle.api.model.PathMatch;
import heddle.api.model.RouteFilter;
import heddle.api.model.RouteMatch;
import heddle.api.policy.Backend;
import heddle.api.policy.FilterSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a filter is made from, in memory. Immutable. */
public record GivenSpec(RouteFilter filter, Optional<CustomObject> resource, List<RouteMatch> matches) implements FilterSpec {
    public GivenSpec {
        matches = List.copyOf(matches);
    }

    /** One of the Gateway API's own filters in a rule with these matches. */
    public static GivenSpec of(RouteFilter filter, RouteMatch... matches) {
        return new GivenSpec(filter, Optional.empty(), List.of(matches));
    }

    /** An ExtensionRef to a resource in namespace {@code shop} named {@code it}.
     *  @param type {@code group/Kind} */
    public static GivenSpec resource(String type, Map<String, Object> spec) {
        CustomObject object = object(type, spec);
        return new GivenSpec(new RouteFilter.ExtensionRef(object.group(), object.key().kind(), object.name()), Optional.of(object), List.of(HttpMatch.ANY));
    }

    /** The resource alone: what a match kind is made from. */
    public static CustomObject object(String type, Map<String, Object> spec) {
        int slash = type.indexOf('/');
        if (slash < 1) throw new IllegalArgumentException(type + " (expected: group/Kind)");
        return new CustomObject(Metadata.of(type.substring(slash + 1), "shop", "it"), type.substring(0, slash), "v1alpha1", spec);
    }

    /** A match for the path prefix alone. */
    public static HttpMatch prefix(String value) {
        return new HttpMatch(new PathMatch.Prefix(value), List.of(), List.of(), Optional.empty());
    }

    @Override public String where() {
        return "HTTPRoute shop/cart rule 0 filter 0";
    }

    @Override public Backend backend(BackendRef ref) {
        return () -> "shop/" + ref.name() + ":" + ref.port().orElse(80);
    }
}
