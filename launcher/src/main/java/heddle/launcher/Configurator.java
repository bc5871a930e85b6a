package heddle.launcher;

import java.lang.reflect.InvocationTargetException;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Map;

/** Hands settings to Config Admin, before our bundles start and at every reload. By reflection: the types belong to a bundle. */
final class Configurator {
    private final Felix felix;

    Configurator(Felix felix) {
        this.felix = felix;
    }

    void put(Map<String, Map<String, Object>> byPid) {
        Object admin = felix.service("org.osgi.service.cm.ConfigurationAdmin").orElseThrow(() -> new IllegalStateException("Config Admin has not started"));
        byPid.forEach((pid, properties) -> {
            try {
                Class<?> api = type(admin, "org.osgi.service.cm.ConfigurationAdmin");
                Object configuration = api.getMethod("getConfiguration", String.class, String.class).invoke(admin, pid, "?");
                Class<?> configurationApi = type(configuration, "org.osgi.service.cm.Configuration");
                configurationApi.getMethod("updateIfDifferent", Dictionary.class).invoke(configuration, new Hashtable<>(properties));
            } catch (InvocationTargetException failed) {
                throw new IllegalStateException("configuration " + pid + " was refused", failed.getCause());
            } catch (ReflectiveOperationException wrong) {
                throw new IllegalStateException("Config Admin has another shape than expected", wrong);
            }
        });
    }

    private static Class<?> type(Object service, String name) throws ClassNotFoundException {
        return Class.forName(name, true, service.getClass().getClassLoader());
    }
}
