package heddle.shell.internal;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;

/** Installed bundles as operators name them: by id or symbolic name. */
record Bundles(BundleContext context) {
    private static final Set<String> PARTS = Set.of("heddle.api.policy.FilterFactory", "heddle.api.policy.LoadBalancerFactory", "heddle.api.match.PredicateFactory", "heddle.api.match.RouteCompiler",
            "heddle.api.source.RouteSource", "heddle.api.identity.IdentityProvider", "heddle.api.forward.Forwarder", "heddle.api.steer.Steering", "heddle.api.telemetry.MetricsSink");

    /** Of several of one name the one that runs, then the newest. */
    Optional<Bundle> find(String name) {
        return named(name).max(Comparator.<Bundle, Boolean>comparing(bundle -> bundle.getState() == Bundle.ACTIVE).thenComparing(Bundle::getBundleId));
    }

    /** None when several have the name. */
    Optional<Bundle> only(String name) {
        List<Bundle> named = named(name).toList();
        return named.size() == 1 ? Optional.of(named.getFirst()) : Optional.empty();
    }

    private Stream<Bundle> named(String name) {
        if (name.matches("[0-9]{1,9}")) return Stream.ofNullable(context.getBundle(Long.parseLong(name)));
        return Arrays.stream(context.getBundles()).filter(bundle -> name.equals(bundle.getSymbolicName()));
    }

    /** What of the mesh it offers that can be swapped, as simple names: {@code FilterFactory}. */
    static List<String> parts(Bundle bundle) {
        ServiceReference<?>[] references = bundle.getState() == Bundle.ACTIVE ? bundle.getRegisteredServices() : null;
        if (references == null) return List.of();
        return Arrays.stream(references).flatMap(each -> Arrays.stream((String[]) each.getProperty(Constants.OBJECTCLASS))).filter(PARTS::contains)
                .map(type -> type.substring(type.lastIndexOf('.') + 1)).distinct().sorted().toList();
    }

    static String label(Bundle bundle) {
        return bundle.getSymbolicName() + " " + bundle.getVersion() + " (id " + bundle.getBundleId() + ")";
    }
}
