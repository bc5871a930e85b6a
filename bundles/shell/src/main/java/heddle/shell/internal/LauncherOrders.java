package heddle.shell.internal;

import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** What the launcher does for us: it owns the plugins folder. It shares no types with bundles but the JDK's. */
record LauncherOrders(BundleContext context) {
    /** @return what the order gives; see the launcher's PluginOrders */
    List<String> plugins(String... words) {
        try {
            @SuppressWarnings("rawtypes")
            Collection<ServiceReference<Function>> references = context.getServiceReferences(Function.class, "(heddle.order=plugins)");
            if (references.isEmpty()) throw new CommandFailure(CommandFailure.FAILED, "the launcher takes no orders yet: the daemon is still starting, or was started without a plugins folder");
            @SuppressWarnings("rawtypes")
            ServiceReference<Function> reference = references.iterator().next();
            @SuppressWarnings("unchecked")
            Function<List<String>, List<String>> launcher = context.getService(reference);
            try {
                return launcher.apply(List.of(words));
            } finally {
                context.ungetService(reference);
            }
        } catch (IllegalArgumentException refused) {
            throw new CommandFailure(CommandFailure.FAILED, refused.getMessage());
        } catch (InvalidSyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
