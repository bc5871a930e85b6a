package heddle.steer.internal;

import heddle.api.model.Durations;
import heddle.api.steer.Steering;
import heddle.api.telemetry.MetricsSink;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** Probes this node when the bundle starts and offers the {@link Steering} service only where it works; so the service is registered by
 *  hand, since Declarative Services would offer it before the probe. The reason of a refusal is in the log and, for the launcher, in the
 *  system property {@value #REFUSED}; that another daemon has the node is in {@value #OWNER}, its process. */
@Component(configurationPid = "heddle.steer", immediate = true, service = {})
public final class SteerComponent {
    static final String REFUSED = "heddle.steer.refused";
    static final String OWNER = "heddle.steer.owner";
    private static final System.Logger LOG = System.getLogger("heddle.steer");

    private @Nullable EbpfSteering steering;
    private @Nullable ServiceRegistration<Steering> registration;

    @Activate public SteerComponent(BundleContext context, SteerSettings settings) {
        try {
            EbpfSteering opened = EbpfSteering.open(config(settings));
            System.clearProperty(REFUSED);
            System.clearProperty(OWNER);
            steering = opened;
            Dictionary<String, Object> properties = new Hashtable<>();
            properties.put("service.ranking", 100);
            properties.put("heddle.steering", "ebpf");
            registration = context.registerService(Steering.class, opened, properties);
        } catch (Refusal refused) {
            System.setProperty(REFUSED, String.valueOf(refused.getMessage()));
            if (refused.owner() != 0) System.setProperty(OWNER, Long.toString(refused.owner()));
            LOG.log(System.Logger.Level.WARNING, refused.getMessage());
        }
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    void bind(MetricsSink sink) {
        if (steering != null) steering.metrics(Optional.of(sink));
    }

    void unbind(MetricsSink sink) {
        if (steering != null) steering.metrics(Optional.empty());
    }

    static SteerConfig config(SteerSettings settings) {
        if (!settings.onStop().equals("remove") && !settings.onStop().equals("keep")) {
            throw new IllegalArgumentException("steer.onStop: " + settings.onStop() + " (expected: remove or keep)");
        }
        return new SteerConfig(settings.cgroupMount().isEmpty() ? Optional.empty() : Optional.of(Path.of(settings.cgroupMount())),
                settings.cgroup(), Path.of(settings.pinDirectory()), duration(settings.staleAfter()), settings.onStop().equals("keep"), settings.listenerPort(), settings.takeOver());
    }

    /** A Gateway API duration such as {@code 2s} or {@code 500ms}. */
    static Duration duration(String text) {
        return Durations.parse("steer.staleAfter", text);
    }

    @Deactivate void deactivate() {
        if (registration != null) registration.unregister();
        if (steering != null) steering.close();
    }
}
