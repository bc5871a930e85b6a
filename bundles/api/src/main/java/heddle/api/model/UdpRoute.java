package heddle.api.model;

import java.util.List;

/** UDPRoute. */
public record UdpRoute(Metadata metadata, List<ParentRef> parentRefs, List<StreamRule> rules, List<String> warnings) implements Route {
    public UdpRoute {
        parentRefs = List.copyOf(parentRefs);
        rules = List.copyOf(rules);
        warnings = List.copyOf(warnings);
    }
}
