package heddle.api.model;

import java.util.Optional;
import java.util.OptionalInt;

/** ParentReference (apis/v1/shared_types.go). {@code group} is as written, or the default {@code gateway.networking.k8s.io};
 *  {@code namespace} absent = the route's own. */
public record ParentRef(String group, String kind, Optional<String> namespace, String name, Optional<String> sectionName, OptionalInt port) {
    public static final String GATEWAY_GROUP = "gateway.networking.k8s.io";

    /** True for a Service: group "" or, since users copy it from the site, "core" (SPEC.md A2, A3, A15). */
    public boolean isService() {
        return kind.equals("Service") && (group.isEmpty() || group.equals("core"));
    }
}
