package heddle.source.kube.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.model.ParentRef;
import heddle.api.source.Condition;
import heddle.api.source.ObjectStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** RouteStatus.parents (apis/v1/shared_types.go); SPEC.md S1 to S4. */
class ParentStatusTest {
    private static final Instant THEN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant NOW = Instant.parse("2026-02-02T00:00:00.123Z");
    private static final ParentRef OVEN = new ParentRef("", "Service", Optional.empty(), "oven", Optional.empty(), OptionalInt.empty());
    private static final ParentRef OVEN_80 = new ParentRef("", "Service", Optional.empty(), "oven", Optional.empty(), OptionalInt.of(80));
    private static final Map<String, Object> OTHERS = Map.of("parentRef", Map.of("name", "gw"), "controllerName", "example.com/gateway",
            "conditions", List.of(Map.of("type", "Accepted", "status", "True")));

    @Test void firstWriteKeepsOthersEntriesInPlace() {
        List<Map<String, Object>> merged = merge(List.of(OTHERS), parent(OVEN, "True", 1));
        assertThat(merged).hasSize(2);
        assertThat(merged.getFirst()).isSameAs(OTHERS);
        assertThat(merged.get(1)).containsEntry("controllerName", ParentStatus.CONTROLLER)
                .containsEntry("parentRef", Map.of("group", "", "kind", "Service", "name", "oven"));
        assertThat(Fields.list(merged.get(1), "conditions").getFirst()).containsEntry("lastTransitionTime", "2026-02-02T00:00:00Z")
                .containsEntry("observedGeneration", 1L);
    }

    @Test void theSameAgainIsEqualSoThatNothingIsWritten() {
        List<Map<String, Object>> first = merge(List.of(OTHERS), parent(OVEN, "True", 1), parent(OVEN_80, "False", 1));
        assertThat(merge(first, parent(OVEN, "True", 1), parent(OVEN_80, "False", 1))).isEqualTo(first);
    }

    @Test void transitionTimeMovesOnlyWithTheStatus() {
        List<Map<String, Object>> first = ParentStatus.merge(List.of(), List.of(parent(OVEN, "True", 1)), "parentRef", THEN);
        assertThat(time(merge(first, parent(OVEN, "True", 2)))).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(time(merge(first, parent(OVEN, "False", 2)))).isEqualTo("2026-02-02T00:00:00Z");
    }

    @Test void entriesOfOursThatAreNotWantedAnyMoreGoAndOthersStay() {
        List<Map<String, Object>> first = merge(List.of(OTHERS), parent(OVEN, "True", 1), parent(OVEN_80, "True", 1));
        assertThat(merge(first, parent(OVEN_80, "True", 1))).hasSize(2).first().isSameAs(OTHERS);
        assertThat(merge(first)).containsExactly(OTHERS);
    }

    @Test void aHigherObservedGenerationIsNeverWrittenOver() {
        List<Map<String, Object>> newer = merge(List.of(), parent(OVEN, "False", 5));
        assertThat(merge(newer, parent(OVEN, "True", 4))).isEqualTo(newer);
    }

    @Test void foreignConditionTypesStayAndPartiallyInvalidGoes() {
        List<Map<String, Object>> live = List.of(Map.of("parentRef", Map.of("group", "", "kind", "Service", "name", "oven"), "controllerName",
                ParentStatus.CONTROLLER, "conditions", List.of(Map.of("type", "acme.io/Checked", "status", "True"),
                        Map.of("type", "PartiallyInvalid", "status", "True"))));
        List<Map<String, Object>> conditions = Fields.list(merge(live, parent(OVEN, "True", 1)).getFirst(), "conditions");
        assertThat(conditions).extracting(each -> each.get("type")).containsExactly("acme.io/Checked", "Accepted");
    }

    @Test void neverMoreThanThirtyTwoEntries() {
        List<Map<String, Object>> live = java.util.stream.IntStream.range(0, 31).<Map<String, Object>>mapToObj(each -> OTHERS).toList();
        assertThat(merge(live, parent(OVEN, "True", 1), parent(OVEN_80, "True", 1))).hasSize(32);
    }

    private static List<Map<String, Object>> merge(List<Map<String, Object>> live, ObjectStatus.Parent... wanted) {
        return ParentStatus.merge(live, List.of(wanted), "parentRef", NOW);
    }

    private static ObjectStatus.Parent parent(ParentRef ref, String accepted, long generation) {
        return new ObjectStatus.Parent(ref, List.of(new Condition("Accepted", accepted, "Accepted", "", generation)));
    }

    private static Object time(List<Map<String, Object>> parents) {
        return Fields.list(parents.getFirst(), "conditions").getFirst().get("lastTransitionTime");
    }
}
