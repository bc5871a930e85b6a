package heddle.source.file.internal;

import heddle.api.source.ObjectStatus;
import heddle.api.source.Registration;
import heddle.api.source.RouteSource;
import heddle.api.source.SourceObserver;
import heddle.gateway.ExtensionDecoder;
import heddle.gateway.ManifestDecoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** The route source {@code file}. Vendors' decoders may come and go: their kinds are then decoded anew. */
@Component(service = RouteSource.class, configurationPid = "heddle.source.file", property = {"id=file", "service.ranking:Integer=0"})
public final class FileSource implements RouteSource {
    /** Settings, with the defaults of launcher/conf/settings.list. */
    public @interface Settings {
        /** Folders or files. */
        String[] manifests() default {};

        /** Where Services without clusterIP get their address from. */
        String serviceRange() default "127.96.0.0/16";

        /** The same for IPv6; "" = Services get no IPv6 address of ours. */
        String serviceRange6() default "";

        /** Where addresses are kept over restarts; "" = nowhere. */
        String stateDir() default "";
    }

    private final ManifestSource source;
    private final List<ExtensionDecoder> extensions = new ArrayList<>();

    @Activate
    public FileSource(Settings settings) {
        AddressMemory memory = new AddressMemory(settings.stateDir().isEmpty() ? Optional.empty()
                : Optional.of(Path.of(settings.stateDir(), "service-addresses")));
        Optional<AddressRange> v6 = settings.serviceRange6().isEmpty() ? Optional.empty() : Optional.of(AddressRange.parse(settings.serviceRange6()));
        ClusterAddresses addresses = new ClusterAddresses(AddressRange.parse(settings.serviceRange()), v6, memory);
        source = new ManifestSource(roots(settings), new ManifestDecoder(), addresses, memory);
        source.start();
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void bindExtension(ExtensionDecoder extension) {
        synchronized (extensions) {
            extensions.add(extension);
            source.decoder(new ManifestDecoder(extensions));
        }
    }

    void unbindExtension(ExtensionDecoder extension) {
        synchronized (extensions) {
            extensions.remove(extension);
            source.decoder(new ManifestDecoder(extensions));
        }
    }

    @Modified
    void modified(Settings settings) {
        source.folders(roots(settings));
    }

    @Deactivate
    void deactivate() {
        source.close();
    }

    private static List<Path> roots(Settings settings) {
        return Arrays.stream(settings.manifests()).map(Path::of).toList();
    }

    @Override public String id() {
        return source.id();
    }

    @Override public Registration subscribe(SourceObserver observer) {
        return source.subscribe(observer);
    }

    @Override public void report(Collection<ObjectStatus> changed) {
        source.report(changed);
    }
}
