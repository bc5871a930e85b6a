package heddle.shell.internal;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** Installed bundles as operators name them: by id or symbolic name. */
record Bundles(BundleContext context) {
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

    static String label(Bundle bundle) {
        return bundle.getSymbolicName() + " " + bundle.getVersion() + " (id " + bundle.getBundleId() + ")";
    }
}
