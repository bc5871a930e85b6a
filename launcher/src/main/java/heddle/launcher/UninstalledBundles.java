package heddle.launcher;

import java.lang.System.Logger.Level;
import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.launch.Framework;

/** Lets go of uninstalled bundles for Felix: up to 7.0.5 its service registry keeps each bundle that has used a service until that service
 *  leaves, also when the bundle was uninstalled (a use count that falls to 0 is removed for prototype services only). The bundle holds the
 *  directory of its jar, some 20 KB and up. The registry's table is private; a Felix that has none of that name is left alone. */
final class UninstalledBundles implements SynchronousBundleListener {
    private static final System.Logger LOG = System.getLogger("heddle.launcher");

    private final Map<?, ?> users;

    UninstalledBundles(Framework felix) {
        users = users(felix);
    }

    @Override public void bundleChanged(BundleEvent event) {
        if (event.getType() == BundleEvent.UNINSTALLED) users.remove(event.getBundle());
    }

    /** Whether the registry still knows this bundle as a user of services. */
    boolean kept(Bundle bundle) {
        return users.containsKey(bundle);
    }

    private static Map<?, ?> users(Framework felix) {
        try {
            Object registry = field(felix, "m_registry");
            return (Map<?, ?>) field(registry, "m_inUseMap");
        } catch (ReflectiveOperationException | RuntimeException other) {
            LOG.log(Level.DEBUG, "this Felix keeps its users of services elsewhere", other);
            return new HashMap<>();
        }
    }

    private static Object field(Object of, String name) throws ReflectiveOperationException {
        Field field = of.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(of);
    }
}
