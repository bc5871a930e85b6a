package heddle.source.kube.internal;

import heddle.api.model.LabelSelector;
import heddle.api.source.ObjectStatus;
import heddle.api.source.Registration;
import heddle.api.source.RouteSource;
import heddle.api.source.SourceObserver;
import heddle.api.telemetry.MetricsSink;
import heddle.gateway.Decoded;
import heddle.gateway.ExtensionDecoder;
import heddle.gateway.ManifestDecoder;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** The mesh's objects from the Kubernetes API: routes, Services, endpoints, and this node's pods as Workloads. Connects in the background;
 *  when the server is away the last state stays in force and is said to be stale. */
@Component(service = RouteSource.class, configurationPid = "heddle.source.kube", property = "service.ranking:Integer=100")
public final class KubeSource implements RouteSource {
    private static final Logger LOG = System.getLogger(KubeSource.class.getName());
    private static final String ORIGIN = "kubernetes";

    private final Publisher publisher;
    private final Connection connection;
    private final List<ExtensionDecoder> extensions = new ArrayList<>();
    private volatile ManifestDecoder manifests = new ManifestDecoder();

    @Activate public KubeSource(@Reference MetricsSink sink, KubeSettings settings) {
        KubeMetrics metrics = new KubeMetrics(sink);
        ObjectStore store = new ObjectStore(object -> decode(manifests, object));
        Optional<PodCgroups> cgroups = cgroups();
        PodWorkloads pods = new PodWorkloads(cgroups, settings.kube_meshDefault(),
                Optional.of(settings.kube_meshNamespaces()).filter(text -> !text.isBlank()).map(KubeSource::namespaces));
        publisher = new Publisher(store, pods, metrics);
        Connection.Place place = new Connection.Place(settings.kubeconfig(), nodeName(settings.nodeName()), namespace(settings.kube_namespace()),
                settings.kube_meshName(), version(), KubeApi.LIMIT);
        connection = new Connection(place, metrics, store, pods, publisher);
    }

    @Deactivate void deactivate() {
        connection.close();
        publisher.close();
    }

    @Override public String id() {
        return "kube";
    }

    @Override public Registration subscribe(SourceObserver observer) {
        return publisher.subscribe(observer);
    }

    @Override public void report(Collection<ObjectStatus> changed) {
        connection.report(changed);
    }

    @Override public void inForce(long revision) {
        publisher.inForce(revision);
    }

    /** A kind that is decoded is watched. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void bindExtension(ExtensionDecoder extension) {
        synchronized (extensions) {
            extensions.add(extension);
            decode();
        }
    }

    void unbindExtension(ExtensionDecoder extension) {
        synchronized (extensions) {
            extensions.remove(extension);
            decode();
        }
    }

    private void decode() {
        manifests = new ManifestDecoder(extensions);
        connection.decoded(extensions.stream().map(ExtensionDecoder::type).collect(Collectors.toSet()));
    }

    static ObjectStore.Decoded decode(ManifestDecoder manifests, Map<String, Object> object) {
        Decoded decoded = manifests.decode(ORIGIN, object);
        return new ObjectStore.Decoded(decoded.objects().stream().findFirst(), decoded.problems());
    }

    private static Optional<PodCgroups> cgroups() {
        try {
            Optional<Path> mount = PodCgroups.findMount(Path.of("/proc/self/mountinfo"));
            if (mount.isEmpty()) {
                LOG.log(Level.WARNING, "no cgroup2 is mounted: pods are known by their addresses only");
            }
            return mount.map(PodCgroups::new);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "/proc/self/mountinfo: {0}: pods are known by their addresses only", e.getMessage());
            return Optional.empty();
        }
    }

    private static LabelSelector namespaces(String setting) {
        try {
            return LabelSelector.parse(setting);
        } catch (IllegalArgumentException bad) {
            throw new IllegalArgumentException("kube.meshNamespaces: " + bad.getMessage());
        }
    }

    private static String namespace(String setting) {
        Path ours = Path.of("/var/run/secrets/kubernetes.io/serviceaccount/namespace");
        try {
            return !setting.isEmpty() ? setting : Files.isReadable(ours) ? Files.readString(ours).strip() : "kube-system";
        } catch (IOException e) {
            return "kube-system";
        }
    }

    private static String version() {
        Bundle bundle = FrameworkUtil.getBundle(KubeSource.class);
        return bundle == null ? "0" : bundle.getVersion().toString();
    }

    private static String nodeName(String setting) {
        if (setting.isEmpty()) throw new IllegalArgumentException("nodeName: not set, and the host has no name (--node-name NAME)");
        return setting;
    }
}
