package heddle.api.model;

import java.util.List;

/** TLSRoute, passed through by SNI; here alone hostnames choose (SPEC.md A11). */
public record TlsRoute(Metadata metadata, List<ParentRef> parentRefs, List<String> hostnames, List<StreamRule> rules, List<String> warnings)
        implements Route {
    public TlsRoute {
        parentRefs = List.copyOf(parentRefs);
        hostnames = List.copyOf(hostnames);
        rules = List.copyOf(rules);
        warnings = List.copyOf(warnings);
    }
}
