package heddle.source.kube.internal;

import heddle.api.model.MeshObject;
import heddle.api.source.SourceProblem;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One object as the API server last showed it: decoded, and of the raw one what status writing needs.
 *  @param object   absent when it never decoded
 *  @param problems why it did not decode; {@code object} is then its last good form
 *  @param version  of its group, as read
 *  @param specVersion resourceVersion at which this generation was first seen
 *  @param parents  {@code status.parents} or {@code status.ancestors}, raw */
record Held(String resourceVersion, String uid, long generation, String specVersion, String version, Optional<MeshObject> object, List<SourceProblem> problems,
            List<Map<String, Object>> parents) {
    Held {
        problems = List.copyOf(problems);
        parents = List.copyOf(parents);
    }
}
