package heddle.shell.internal;

import org.apache.felix.service.command.Converter;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;

/** Lets the framework's own commands ({@code stop}, {@code update}, {@code headers} ...) take a bundle by its id or symbolic name. */
final class BundleConverter implements Converter {
    private final Bundles bundles;

    BundleConverter(Bundles bundles) {
        this.bundles = bundles;
    }

    @Override public @Nullable Object convert(Class<?> type, Object value) {
        return type == Bundle.class ? bundles.only(value.toString()).orElse(null) : null;
    }

    @Override public @Nullable CharSequence format(Object value, int level, Converter other) {
        return value instanceof Bundle bundle ? bundle.getBundleId() + " " + bundle.getSymbolicName() + " " + bundle.getVersion() : null;
    }
}
