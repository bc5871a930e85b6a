package heddle.api.model;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** BackendRef with its filters (HTTPBackendRef, GRPCBackendRef; the other kinds have none). Weight defaults to 1. */
public record BackendRef(String group, String kind, Optional<String> namespace, String name, OptionalInt port, int weight,
                         List<RouteFilter> filters) {
    public BackendRef {
        filters = List.copyOf(filters);
    }

    public boolean isService() {
        return kind.equals("Service") && group.isEmpty();
    }
}
