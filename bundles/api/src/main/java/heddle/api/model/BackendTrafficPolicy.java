package heddle.api.model;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** gateway.networking.x-k8s.io/v1alpha1 XBackendTrafficPolicy (SPEC.md T8, T9). */
public record BackendTrafficPolicy(Metadata metadata, List<TargetRef> targetRefs, Optional<RetryConstraint> retryConstraint,
                                   Optional<SessionPersistence> sessionPersistence) implements MeshObject {
    public BackendTrafficPolicy {
        targetRefs = List.copyOf(targetRefs);
    }

    /** At most {@code percent} of the requests of {@code interval} may be retries, but {@code minCount} in {@code minInterval} always. */
    public record RetryConstraint(int percent, Duration interval, int minCount, Duration minInterval) {}
}
