package heddle.gateway;

import heddle.api.model.CustomObject;
import heddle.api.model.MeshObject;
import heddle.api.model.ObjectKey;
import heddle.api.source.SourceProblem;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a text or an API object was decoded to. Immutable.
 *  @param objects      the valid objects, in written order
 *  @param details      of each Service among them
 *  @param problems     each names file, line, object, field, value and what was expected; the object it names is not among {@code objects}
 *  @param notes        what was passed over, and unknown fields of kinds that have no warnings of their own
 *  @param refused      objects that are written there but invalid, by {@link #identity}: their last good state should stay
 *  @param unidentified true when something could not be read well enough to be named: then nothing that came from there before should go */
public record Decoded(List<MeshObject> objects, Map<ObjectKey, ServiceDetails> details, List<SourceProblem> problems, List<SourceProblem> notes,
                      Set<ObjectKey> refused, boolean unidentified) {
    public Decoded {
        objects = List.copyOf(objects);
        details = Map.copyOf(details);
        problems = List.copyOf(problems);
        notes = List.copyOf(notes);
        refused = Set.copyOf(refused);
    }

    /** What makes an object one and the same over time. Of vendors' kinds the group counts too, which {@link ObjectKey} does not have:
     *  its kind reads {@code Kind.group} here. */
    public static ObjectKey identity(MeshObject object) {
        return object instanceof CustomObject custom ? new ObjectKey(object.key().kind() + "." + custom.group(), object.namespace(), object.name()) : object.key();
    }
}
