package heddle.api.model;

import java.util.Optional;

/** What a policy applies to, in its own namespace (LocalPolicyTargetReference). {@code sectionName}: a Service's port name. */
public record TargetRef(String group, String kind, String name, Optional<String> sectionName) {}
