package heddle.core.internal;

import heddle.api.model.BackendTlsPolicy;
import heddle.api.model.ServicePort;
import heddle.api.plan.Failure;
import heddle.api.plan.UpstreamTls;
import heddle.api.source.Condition;
import heddle.api.source.ObjectStatus;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The BackendTLSPolicies of one state of the world: how backends are spoken to, and what each policy's status says (SPEC.md B13). */
final class TlsPolicies {
    /** @param tls absent: the policy cannot be used, and what goes there is answered {@link Failure#BACKEND_TLS} */
    record InForce(BackendTlsPolicy policy, Optional<UpstreamTls> tls) {}

    private final PolicyTargets<BackendTlsPolicy> targets;
    private final Map<BackendTlsPolicy, InForce> made = new HashMap<>();

    TlsPolicies(World world) {
        targets = new PolicyTargets<>(world);
        world.tlsPolicies().stream().sorted(SetCompiler.AGE).forEach(policy -> add(policy, CaBundle.of(policy, world)));
    }

    private void add(BackendTlsPolicy policy, CaBundle authorities) {
        boolean system = policy.wellKnown().equals("System");
        Optional<PolicyTargets.Refusal> refusal = Optional.empty();
        if (!policy.wellKnown().isEmpty() && !system) {
            refusal = Optional.of(new PolicyTargets.Refusal("Invalid", "wellKnownCACertificates: " + policy.wellKnown() + " (expected: System)"));
        } else if (!system && authorities.pem().isEmpty()) {
            refusal = Optional.of(new PolicyTargets.Refusal("NoValidCACertificate", "none of caCertificateRefs can be used"));
        }
        long generation = policy.metadata().generation();
        Condition refs = authorities.problems().isEmpty() ? new Condition("ResolvedRefs", "True", "ResolvedRefs", "", generation)
                : new Condition("ResolvedRefs", "False", authorities.problems().getFirst().reason(),
                        authorities.problems().stream().map(BackendResolver.RefProblem::message).collect(Collectors.joining("; ")), generation);
        List<String> names = policy.subjectAltNames().isEmpty() ? List.of(policy.hostname())
                : policy.subjectAltNames().stream().map(BackendTlsPolicy.SubjectAltName::value).toList();
        Optional<UpstreamTls> tls = refusal.isPresent() ? Optional.empty() : Optional.of(new UpstreamTls(policy.hostname(), authorities.pem(), names));
        made.put(policy, new InForce(policy, tls));
        PolicyTargets.Verdict verdict = new PolicyTargets.Verdict(refusal, List.of(refs));
        targets.add(policy, policy.targetRefs(), service -> verdict);
    }

    Optional<InForce> of(ServiceName service, ServicePort port) {
        return targets.of(service, port.name()).map(made::get);
    }

    List<ObjectStatus> statuses() {
        return targets.statuses();
    }
}
