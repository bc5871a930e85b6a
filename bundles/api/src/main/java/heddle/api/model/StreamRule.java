package heddle.api.model;

import java.util.List;
import java.util.Optional;

/** The one rule of a TCPRoute, UDPRoute or TLSRoute. */
public record StreamRule(Optional<String> name, List<BackendRef> backendRefs) {
    public StreamRule {
        backendRefs = List.copyOf(backendRefs);
    }
}
