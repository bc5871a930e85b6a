package heddle.core.internal;

import heddle.api.model.BackendTrafficPolicy;
import heddle.api.model.Service;
import heddle.api.source.ObjectStatus;
import java.util.List;
import java.util.Optional;

/** The XBackendTrafficPolicies of one state of the world (SPEC.md T8, T9): one at most is in force on a Service. */
final class TrafficPolicies {
    private final PolicyTargets<BackendTrafficPolicy> targets;

    TrafficPolicies(World world) {
        targets = new PolicyTargets<>(world);
        world.trafficPolicies().stream().sorted(SetCompiler.AGE)
                .forEach(policy -> targets.add(policy, policy.targetRefs(), service -> new PolicyTargets.Verdict(refusal(policy, service), List.of())));
    }

    private static Optional<PolicyTargets.Refusal> refusal(BackendTrafficPolicy policy, Service service) {
        if (policy.sessionPersistence().isEmpty() || !service.sessionAffinity().equals("ClientIP")) return Optional.empty();
        return Optional.of(new PolicyTargets.Refusal("Invalid", "sessionPersistence and sessionAffinity ClientIP of Service "
                + ServiceName.of(service) + " exclude each other"));
    }

    /** Present only when the policy was accepted. */
    Optional<BackendTrafficPolicy> of(Service service) {
        return targets.of(ServiceName.of(service), "").filter(policy -> refusal(policy, service).isEmpty());
    }

    List<ObjectStatus> statuses() {
        return targets.statuses();
    }
}
