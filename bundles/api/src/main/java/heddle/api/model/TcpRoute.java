package heddle.api.model;

import java.util.List;

/** TCPRoute. */
public record TcpRoute(Metadata metadata, List<ParentRef> parentRefs, List<StreamRule> rules, List<String> warnings) implements Route {
    public TcpRoute {
        parentRefs = List.copyOf(parentRefs);
        rules = List.copyOf(rules);
        warnings = List.copyOf(warnings);
    }
}
