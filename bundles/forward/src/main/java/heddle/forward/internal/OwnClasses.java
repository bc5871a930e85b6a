package heddle.forward.internal;

import heddle.api.forward.Forwarder;
import java.lang.System.Logger.Level;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.wiring.BundleWiring;

/** This bundle's classes, which a swap finds unloaded. */
final class OwnClasses {
    private static final System.Logger LOG = System.getLogger("heddle.forward");

    private OwnClasses() {}

    /** Loads all of them if another forwarder is in service, whose connections come here next: on the event loops that took about a
     *  millisecond a class, under load. At the daemon's start nobody waits, so they are loaded as they are needed. */
    static void loadForTakeover(BundleContext context) {
        try {
            if (context.getServiceReferences(Forwarder.class, null).size() < 2) return;      // one is our own
        } catch (InvalidSyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
        BundleWiring wiring = context.getBundle().adapt(BundleWiring.class);
        for (String file : wiring.listResources("/heddle/forward", "*.class", BundleWiring.LISTRESOURCES_RECURSE | BundleWiring.LISTRESOURCES_LOCAL)) {
            String name = file.substring(0, file.length() - ".class".length()).replace('/', '.');
            try {
                Class.forName(name, true, wiring.getClassLoader());
            } catch (ClassNotFoundException | LinkageError e) {
                LOG.log(Level.DEBUG, "class {0} is not loaded beforehand: {1}", name, e);
            }
        }
    }
}
