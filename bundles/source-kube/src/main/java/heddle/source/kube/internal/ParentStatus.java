package heddle.source.kube.internal;

import heddle.api.model.ParentRef;
import heddle.api.source.Condition;
import heddle.api.source.ObjectStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Works our entries into a route's {@code status.parents} (or a policy's {@code status.ancestors}) and leaves everybody else's as they
 *  are. Pure functions. Rules: RouteStatus, RouteParentStatus (apis/v1/shared_types.go); SPEC.md S1 to S4. */
final class ParentStatus {
    static final String CONTROLLER = "heddle.io/mesh-controller";
    private static final int MOST = 32;

    private ParentStatus() {}

    /** @param live what the object has now
     *  @param desired our entries, all of them: ours that are not among these go
     *  @param ref {@code parentRef} or {@code ancestorRef}
     *  @return what it should have; equal to {@code live} when nothing is to be written */
    static List<Map<String, Object>> merge(List<Map<String, Object>> live, List<ObjectStatus.Parent> desired, String ref, Instant now) {
        List<Map<String, Object>> merged = new ArrayList<>();
        List<ObjectStatus.Parent> open = new ArrayList<>(desired);
        for (Map<String, Object> entry : live) {
            if (!Fields.text(entry, "controllerName").equals(CONTROLLER)) {
                merged.add(entry);
                continue;
            }
            ParentRef parent = parentRef(Fields.map(entry, ref));
            open.stream().filter(each -> normal(each.ref()).equals(parent)).findFirst().ifPresent(wanted -> {
                open.remove(wanted);
                merged.add(entry(entry, wanted, ref, now));
            });
        }
        for (ObjectStatus.Parent wanted : open) {
            if (merged.size() < MOST) {
                merged.add(entry(Map.of(), wanted, ref, now));
            }
        }
        return merged;
    }

    /** A condition of our entry for a parent, as it stands there. */
    static Optional<Condition> condition(List<Map<String, Object>> live, ParentRef parent, String type) {
        return live.stream().filter(each -> Fields.text(each, "controllerName").equals(CONTROLLER) && parentRef(Fields.map(each, "parentRef")).equals(normal(parent)))
                .flatMap(each -> Fields.list(each, "conditions").stream()).filter(each -> Fields.text(each, "type").equals(type))
                .map(each -> new Condition(type, Fields.text(each, "status"), Fields.text(each, "reason"), Fields.text(each, "message"),
                        Fields.number(each, "observedGeneration"))).findFirst();
    }

    /** Conditions merge by type; those that we do not set stay where they are. */
    static List<Map<String, Object>> conditions(List<Map<String, Object>> live, List<Condition> desired, Instant now) {
        List<Map<String, Object>> merged = new ArrayList<>();
        List<Condition> open = new ArrayList<>(desired);
        for (Map<String, Object> condition : live) {
            String type = Fields.text(condition, "type");
            var wanted = open.stream().filter(each -> each.type().equals(type)).findFirst();
            if (wanted.isEmpty()) {
                if (!type.equals("PartiallyInvalid") && !type.equals(Programmed.TYPE)) {   // ours, and only there while they say something (S4)
                    merged.add(condition);
                }
                continue;
            }
            open.remove(wanted.get());
            boolean newer = Fields.number(condition, "observedGeneration") > wanted.get().observedGeneration();
            merged.add(newer ? condition : condition(condition, wanted.get(), now));
        }
        open.forEach(each -> merged.add(condition(Map.of(), each, now)));
        return merged;
    }

    private static Map<String, Object> entry(Map<String, Object> live, ObjectStatus.Parent wanted, String ref, Instant now) {
        Map<String, Object> entry = new LinkedHashMap<>(live);
        entry.putIfAbsent(ref, raw(wanted.ref()));
        entry.put("controllerName", CONTROLLER);
        entry.put("conditions", conditions(Fields.list(live, "conditions"), wanted.conditions(), now));
        return entry;
    }

    private static Map<String, Object> condition(Map<String, Object> live, Condition wanted, Instant now) {
        boolean same = Fields.text(live, "status").equals(wanted.status());
        Map<String, Object> condition = new LinkedHashMap<>(live);
        condition.put("type", wanted.type());
        condition.put("status", wanted.status());
        condition.put("reason", wanted.reason());
        condition.put("message", wanted.message().length() > 32_768 ? wanted.message().substring(0, 32_768) : wanted.message());
        condition.put("observedGeneration", wanted.observedGeneration());
        condition.put("lastTransitionTime", same ? Fields.text(live, "lastTransitionTime") : now.truncatedTo(ChronoUnit.SECONDS).toString());
        return condition;
    }

    private static Map<String, Object> raw(ParentRef ref) {
        Map<String, Object> raw = new LinkedHashMap<>();
        raw.put("group", ref.group());
        raw.put("kind", ref.kind());
        ref.namespace().ifPresent(namespace -> raw.put("namespace", namespace));
        raw.put("name", ref.name());
        ref.sectionName().ifPresent(section -> raw.put("sectionName", section));
        ref.port().ifPresent(port -> raw.put("port", (long) port));
        return raw;
    }

    private static ParentRef parentRef(Map<String, Object> raw) {
        String group = raw.containsKey("group") ? Fields.text(raw, "group") : ParentRef.GATEWAY_GROUP;
        String kind = raw.containsKey("kind") ? Fields.text(raw, "kind") : "Gateway";
        String namespace = Fields.text(raw, "namespace");
        String section = Fields.text(raw, "sectionName");
        long port = Fields.number(raw, "port");
        return new ParentRef(group, kind, namespace.isEmpty() ? java.util.Optional.empty() : java.util.Optional.of(namespace), Fields.text(raw, "name"),
                section.isEmpty() ? java.util.Optional.empty() : java.util.Optional.of(section),
                port == 0 ? java.util.OptionalInt.empty() : java.util.OptionalInt.of((int) port));
    }

    private static ParentRef normal(ParentRef ref) {
        return parentRef(raw(ref));
    }
}
