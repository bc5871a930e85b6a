package heddle.launcher;

import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.felix.framework.Logger;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.FrameworkStartLevel;

/** The embedded framework, from init to stop. Driven by one thread at a time. */
final class Felix {
    private final Framework framework;
    private final Map<BundleList.Entry, Bundle> installed = new HashMap<>();

    /** @param cache emptied first: bundles stay where they are and are installed by reference */
    Felix(Path cache) throws BundleException {
        Map<String, Object> properties = new HashMap<>();
        properties.put(Constants.FRAMEWORK_STORAGE, cache.toString());
        properties.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        // a new version of a plugin is installed beside the old one, whatever its version number says
        properties.put(Constants.FRAMEWORK_BSNVERSION, Constants.FRAMEWORK_BSNVERSION_MULTIPLE);
        properties.put(Constants.FRAMEWORK_BEGINNING_STARTLEVEL, "1");
        properties.put("felix.log.logger", new FrameworkLog());
        properties.put("felix.service.urlhandlers", "false");     // nobody offers URL schemes as services
        properties.put("felix.cm.pm", "memory");                  // the settings come from our own files at each start
        // A leaving service may wait for its last requests up to swap.drain in a dynamic unbind.
        properties.put("ds.lock.timeout.milliseconds", "600000");
        properties.put("ds.stop.timeout.milliseconds", "600000");
        properties.put("ds.loglevel", "2");
        this.framework = new org.apache.felix.framework.Felix(properties);
        framework.init();
        framework.getBundleContext().addBundleListener(new UninstalledBundles(framework));
    }

    /** @param kubernetes with the bundle for it, which is large */
    void install(BundleList list, boolean kubernetes) throws BundleException {
        BundleContext context = framework.getBundleContext();
        FrameworkStartLevel levels = framework.adapt(FrameworkStartLevel.class);
        for (BundleList.Entry entry : list.entries()) {
            if (entry.start() == BundleList.Start.KUBERNETES && !kubernetes) continue;
            levels.setInitialBundleStartLevel(entry.level());     // each bundle set afterwards would be a second write of its file
            installed.put(entry, context.installBundle("reference:" + entry.jar().toUri()));
        }
    }

    /** Marks the bundles of a kind as to be started; those above the current level wait for it. */
    void start(BundleList list, BundleList.Start kind) throws BundleException {
        for (BundleList.Entry entry : list.entries()) {
            if (entry.start() == kind) installed.get(entry).start();
        }
    }

    void startFramework() throws BundleException {
        framework.start();
    }

    /** Returns when every bundle up to the level was started. */
    void level(int level) throws InterruptedException {
        CountDownLatch reached = new CountDownLatch(1);
        FrameworkListener listener = event -> {
            if (event.getType() == FrameworkEvent.STARTLEVEL_CHANGED) reached.countDown();
        };
        framework.adapt(FrameworkStartLevel.class).setStartLevel(level, listener);
        reached.await();
    }

    BundleContext context() {
        return framework.getBundleContext();
    }

    /** A service by the name of its interface; the launcher's class path has none of the bundles' classes. */
    Optional<Object> service(String type) {
        BundleContext context = framework.getBundleContext();
        try {
            ServiceReference<?>[] references = context.getAllServiceReferences(type, null);
            if (references == null) return Optional.empty();
            ServiceReference<?> best = references[0];
            for (ServiceReference<?> reference : references) {
                if (reference.compareTo(best) > 0) best = reference;
            }
            return Optional.ofNullable(context.getService(best));
        } catch (InvalidSyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    <T> void offer(Class<T> type, T service, Map<String, ?> properties) {
        framework.getBundleContext().registerService(type, service, new Hashtable<>(properties));
    }

    boolean hasService(String type) {
        try {
            return framework.getBundleContext().getAllServiceReferences(type, null) != null;
        } catch (InvalidSyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Bundles by descending start level, then the framework. */
    void stop() throws BundleException, InterruptedException {
        if (framework.getState() == Bundle.ACTIVE) level(1);
        framework.stop();
        framework.waitForStop(0);
    }

    /** Felix's own messages go where ours go. */
    private static final class FrameworkLog extends Logger {
        private final System.Logger felix = System.getLogger("org.apache.felix.framework");

        @Override protected void doLog(int level, String message, Throwable cause) {
            Level to = switch (level) {
                case LOG_ERROR -> Level.ERROR;
                case LOG_WARNING -> Level.WARNING;
                case LOG_INFO -> Level.DEBUG;
                default -> Level.TRACE;
            };
            if (cause == null) felix.log(to, message);
            else felix.log(to, message, cause);
        }
    }
}
