package heddle.shell.internal;

import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** What the launcher does for us: it owns the process and the plugins folder. It shares no types with bundles but the JDK's. */
record LauncherOrders(BundleContext context) {
    /** @param order {@code reload} or {@code stop} */
    void give(String order) {
        with(Runnable.class, order, "the launcher takes no orders", launcher -> {
            launcher.run();
            return order;
        });
    }

    /** @return what the order gives; see the launcher's PluginOrders */
    @SuppressWarnings("unchecked")
    List<String> plugins(String... words) {
        try {
            return with(Function.class, "plugins", "the launcher takes no orders yet: the daemon is still starting, or was started without a plugins folder",
                    launcher -> (List<String>) launcher.apply(List.of(words)));
        } catch (IllegalArgumentException refused) {
            throw new CommandFailure(CommandFailure.FAILED, refused.getMessage());
        }
    }

    private <T, R> R with(Class<T> type, String order, String absent, Function<T, R> use) {
        Collection<ServiceReference<T>> references;
        try {
            references = context.getServiceReferences(type, "(heddle.order=" + order + ")");
        } catch (InvalidSyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
        if (references.isEmpty()) throw new CommandFailure(CommandFailure.FAILED, absent);
        ServiceReference<T> reference = references.iterator().next();
        try {
            return use.apply(context.getService(reference));
        } finally {
            context.ungetService(reference);
        }
    }
}
