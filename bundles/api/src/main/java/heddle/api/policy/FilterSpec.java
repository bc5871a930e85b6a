package heddle.api.policy;

import heddle.api.model.BackendRef;
import heddle.api.model.CustomObject;
import heddle.api.model.RouteFilter;
import heddle.api.model.RouteMatch;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** What a filter is made from. An interface, because it will grow. */
@ProviderType
public interface FilterSpec {
    RouteFilter filter();

    /** The resource that an ExtensionRef names; always present when {@code filter()} is one. */
    Optional<CustomObject> resource();

    /** The matches of the rule: ReplacePrefixMatch needs the prefix (SPEC.md F7). */
    List<RouteMatch> matches();

    /** The object and field, for messages: {@code HTTPRoute shop/cart rule 2 filter 0}. */
    String where();

    /** A backendRef of the filter (mirror, external auth) as something {@link Exchange} can send to. To be asked for within
     *  {@link FilterFactory#create}. Resolved with the plan: an invalid one answers with its failure. */
    Backend backend(BackendRef ref);
}
