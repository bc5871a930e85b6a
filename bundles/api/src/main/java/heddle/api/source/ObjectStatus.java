package heddle.api.source;

import heddle.api.model.ObjectKey;
import heddle.api.model.ParentRef;
import java.util.List;

/** The status of one object as core sees it. Routes have one entry a parent; policies' ancestors use the same shape (SPEC.md §8). */
public record ObjectStatus(ObjectKey key, List<Parent> parents) {
    public ObjectStatus {
        parents = List.copyOf(parents);
    }

    public record Parent(ParentRef ref, List<Condition> conditions) {
        public Parent {
            conditions = List.copyOf(conditions);
        }
    }
}
