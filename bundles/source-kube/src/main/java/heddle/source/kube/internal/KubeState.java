package heddle.source.kube.internal;

import heddle.api.model.MeshObject;
import heddle.api.source.SourceProblem;
import heddle.api.source.SourceState;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** One state, as published. */
record KubeState(long revision, Map<Class<?>, List<MeshObject>> objects, List<SourceProblem> problems) implements SourceState {
    KubeState {
        objects = Map.copyOf(objects);
        problems = List.copyOf(problems);
    }

    @SuppressWarnings("unchecked")
    @Override public <T extends MeshObject> Collection<T> all(Class<T> kind) {
        return (Collection<T>) objects.getOrDefault(kind, List.of());
    }
}
