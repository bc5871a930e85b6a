package heddle.shell.internal;

import java.util.Arrays;
import java.util.List;
import org.apache.felix.service.command.Converter;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** Lets the framework's own commands ({@code stop}, {@code update}, {@code headers} ...) take a bundle by its id or symbolic name. */
final class BundleConverter implements Converter {
    private final BundleContext context;

    BundleConverter(BundleContext context) {
        this.context = context;
    }

    @Override public @Nullable Object convert(Class<?> type, Object value) {
        if (type != Bundle.class) return null;
        String text = value.toString();
        if (text.matches("[0-9]{1,9}")) return context.getBundle(Long.parseLong(text));
        List<Bundle> named = Arrays.stream(context.getBundles()).filter(bundle -> text.equals(bundle.getSymbolicName())).toList();
        return named.size() == 1 ? named.getFirst() : null;
    }

    @Override public @Nullable CharSequence format(Object value, int level, Converter other) {
        return value instanceof Bundle bundle ? bundle.getBundleId() + " " + bundle.getSymbolicName() + " " + bundle.getVersion() : null;
    }
}
