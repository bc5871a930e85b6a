package heddle.source.file.internal;

import heddle.api.source.ManifestReader;
import heddle.api.source.SourceState;
import heddle.gateway.ExtensionDecoder;
import heddle.gateway.ManifestDecoder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** Reads manifests for a comparison. Addresses that it gives to Services are nobody's: they are not remembered. */
@Component(service = ManifestReader.class, configurationPid = "heddle.source.file")
public final class ProposedManifests implements ManifestReader {
    private final AddressRange range;
    private final List<ExtensionDecoder> extensions = new CopyOnWriteArrayList<>();

    @Activate
    public ProposedManifests(FileSource.Settings settings) {
        range = AddressRange.parse(settings.serviceRange());
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void bindExtension(ExtensionDecoder extension) {
        extensions.add(extension);
    }

    void unbindExtension(ExtensionDecoder extension) {
        extensions.remove(extension);
    }

    @Override public SourceState read(List<Path> roots) {
        ManifestSet set = ManifestSet.EMPTY.look(new ManifestFolders(roots), new ManifestDecoder(extensions), null);
        return new LocalCluster(new ClusterAddresses(range, Optional.empty(), new AddressMemory(Optional.empty()))).state(set.contents());
    }
}
