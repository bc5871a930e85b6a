package heddle.source.file.internal;

import heddle.api.model.Route;
import heddle.api.source.SourceProblem;
import heddle.gateway.ExtensionDecoder;
import heddle.gateway.ManifestDecoder;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** {@code heddle check} of manifests: plain Java, no daemon, no OSGi. Reads the files as the source {@code file} would and says what it would
 *  say: problems of single objects, objects written twice, addresses given twice. */
public final class Check {
    /** @param objects  how many are valid, those that would be built from others not counted
     *  @param warnings unknown fields of routes: kept going */
    public record Result(int objects, List<SourceProblem> problems, List<SourceProblem> notes, List<String> warnings) {
        public Result {
            problems = List.copyOf(problems);
            notes = List.copyOf(notes);
            warnings = List.copyOf(warnings);
        }
    }

    /** @param roots        folders or files, as in setting {@code manifests}
     *  @param serviceRange as the setting of that name
     *  @throws IllegalArgumentException when the range is none */
    public static Result manifests(List<Path> roots, String serviceRange, Collection<? extends ExtensionDecoder> extensions) {
        ManifestSet set = ManifestSet.EMPTY.look(new ManifestFolders(roots), new ManifestDecoder(extensions), null);
        ManifestSet.Contents contents = set.contents();
        ClusterAddresses addresses = new ClusterAddresses(AddressRange.parse(serviceRange), Optional.empty(), new AddressMemory(Optional.empty()));
        FileState state = new LocalCluster(addresses).state(contents);
        List<String> warnings = state.all(Route.class).stream().flatMap(route -> route.warnings().stream()).toList();
        return new Result(contents.objects().size(), state.problems(), state.notes(), warnings);
    }

    private Check() {}
}
