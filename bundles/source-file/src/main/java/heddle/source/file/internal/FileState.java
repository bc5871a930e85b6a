package heddle.source.file.internal;

import heddle.api.model.MeshObject;
import heddle.api.source.SourceProblem;
import heddle.api.source.SourceState;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One state, its objects sorted by kind. */
final class FileState implements SourceState {
    private final long revision;
    private final Map<Class<?>, List<MeshObject>> byKind;
    private final List<SourceProblem> problems;
    private final List<SourceProblem> notes;

    FileState(long revision, Collection<? extends MeshObject> objects, List<SourceProblem> problems, List<SourceProblem> notes) {
        this.revision = revision;
        this.byKind = objects.stream().collect(Collectors.groupingBy(MeshObject::getClass, Collectors.toUnmodifiableList()));
        this.problems = List.copyOf(problems);
        this.notes = List.copyOf(notes);
    }

    @Override public long revision() {
        return revision;
    }

    @Override public <T extends MeshObject> Collection<T> all(Class<T> kind) {
        List<MeshObject> exact = byKind.get(kind);
        if (exact != null) {
            return exact.stream().map(kind::cast).toList();
        }
        return byKind.values().stream().flatMap(List::stream).filter(kind::isInstance).map(kind::cast).toList();
    }

    @Override public List<SourceProblem> problems() {
        return problems;
    }

    @Override public List<SourceProblem> notes() {
        return notes;
    }

    int size() {
        return byKind.values().stream().mapToInt(List::size).sum();
    }
}
