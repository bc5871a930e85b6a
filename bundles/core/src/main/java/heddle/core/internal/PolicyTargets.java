package heddle.core.internal;

import heddle.api.model.MeshObject;
import heddle.api.model.ObjectKey;
import heddle.api.model.ParentRef;
import heddle.api.model.Service;
import heddle.api.model.TargetRef;
import heddle.api.source.Condition;
import heddle.api.source.ObjectStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Which policy of one kind has which Service, or which port of it: the oldest, then the first by name; the others are Conflicted there
 *  (SPEC.md S8, B13). A policy for a named port goes before one for the whole Service. On the assembler thread. */
final class PolicyTargets<P extends MeshObject> {
    /** @param section a port's name */
    private record Claim(ServiceName service, Optional<String> section) {}

    private final World world;
    private final Map<Claim, P> winners = new HashMap<>();
    private final Map<ObjectKey, List<ObjectStatus.Parent>> ancestors = new LinkedHashMap<>();

    PolicyTargets(World world) {
        this.world = world;
    }

    /** What the policy itself says of one target that it would have.
     *  @param refusal reason and message of Accepted=False; empty = it may be in force
     *  @param more    further conditions */
    record Verdict(Optional<Refusal> refusal, List<Condition> more) {}

    record Refusal(String reason, String message) {}

    interface Judge {
        Verdict judge(Service service);
    }

    /** Policies have to come in {@link SetCompiler#AGE} order. Targets that are no Services are somebody else's. */
    void add(P policy, List<TargetRef> targets, Judge judge) {
        List<ObjectStatus.Parent> entries = new ArrayList<>();
        for (TargetRef target : targets) {
            if (!target.kind().equals("Service") || !target.group().isEmpty()) continue;
            ParentRef ref = new ParentRef(target.group(), target.kind(), Optional.of(policy.namespace()), target.name(), target.sectionName(), OptionalInt.empty());
            entries.add(new ObjectStatus.Parent(ref, conditions(policy, target, judge)));
        }
        ancestors.put(policy.key(), entries);
    }

    private List<Condition> conditions(P policy, TargetRef target, Judge judge) {
        Claim claim = new Claim(new ServiceName(policy.namespace(), target.name()), target.sectionName());
        Optional<Service> service = world.service(claim.service());
        long generation = policy.metadata().generation();
        if (service.isEmpty()) return List.of(refused("TargetNotFound", "Service " + claim.service() + " does not exist", generation));
        if (claim.section().isPresent() && service.get().ports().stream().noneMatch(port -> port.name().equals(claim.section().get()))) {
            return List.of(refused("TargetNotFound", "Service " + claim.service() + " has no port named " + claim.section().get(), generation));
        }
        Verdict verdict = judge.judge(service.get());
        P winner = winners.putIfAbsent(claim, policy);
        List<Condition> conditions = new ArrayList<>();
        if (winner != null) conditions.add(refused("Conflicted", winner.key() + " is older and in force there", generation));
        else if (verdict.refusal().isPresent()) conditions.add(refused(verdict.refusal().get().reason(), verdict.refusal().get().message(), generation));
        else conditions.add(new Condition("Accepted", "True", "Accepted", "", generation));
        conditions.addAll(verdict.more());
        return conditions;
    }

    private static Condition refused(String reason, String message, long generation) {
        return new Condition("Accepted", "False", reason, message, generation);
    }

    /** @param section the port's name */
    Optional<P> of(ServiceName service, String section) {
        P named = section.isEmpty() ? null : winners.get(new Claim(service, Optional.of(section)));
        return Optional.ofNullable(named != null ? named : winners.get(new Claim(service, Optional.empty())));
    }

    List<ObjectStatus> statuses() {
        return ancestors.entrySet().stream().map(each -> new ObjectStatus(each.getKey(), each.getValue())).toList();
    }
}
