package heddle.launcher;

import java.util.ArrayList;
import java.util.List;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;

/** Says in a sentence why a bundle does not resolve: what it needs that nobody offers, and who offers something near. */
final class ResolveProblems {
    private final BundleContext framework;

    ResolveProblems(BundleContext framework) {
        this.framework = framework;
    }

    String explain(Bundle bundle) {
        List<String> missing = new ArrayList<>();
        for (BundleRequirement requirement : bundle.adapt(BundleRevision.class).getDeclaredRequirements(null)) {
            boolean optional = Constants.RESOLUTION_OPTIONAL.equals(requirement.getDirectives().get(Constants.RESOLUTION_DIRECTIVE));
            boolean later = Constants.EFFECTIVE_ACTIVE.equals(requirement.getDirectives().get(Constants.EFFECTIVE_DIRECTIVE));
            if (!optional && !later && !offered(requirement)) missing.add(sentence(requirement));
        }
        return missing.isEmpty() ? "it cannot be resolved, though each single need is met: two of the packages it imports demand different versions of a third" : String.join("; ", missing);
    }

    private boolean offered(BundleRequirement requirement) {
        String filter = requirement.getDirectives().get(Constants.FILTER_DIRECTIVE);
        return capabilities(requirement.getNamespace()).stream().anyMatch(each -> filter == null || matches(filter, each));
    }

    private List<BundleCapability> capabilities(String namespace) {
        List<BundleCapability> all = new ArrayList<>();
        for (Bundle bundle : framework.getBundles()) {
            BundleRevision revision = bundle.adapt(BundleRevision.class);
            if (revision != null) all.addAll(revision.getDeclaredCapabilities(namespace));
        }
        return all;
    }

    private static boolean matches(String filter, BundleCapability capability) {
        try {
            return FrameworkUtil.createFilter(filter).matches(capability.getAttributes());
        } catch (InvalidSyntaxException bad) {
            return false;
        }
    }

    private String sentence(BundleRequirement requirement) {
        String filter = String.valueOf(requirement.getDirectives().get(Constants.FILTER_DIRECTIVE));
        if (requirement.getNamespace().equals("osgi.ee")) return "it needs another Java: " + filter + ", this is Java " + Runtime.version().feature();
        if (!requirement.getNamespace().equals(BundleRevision.PACKAGE_NAMESPACE)) return "it requires " + requirement.getNamespace() + " " + filter + ", which no bundle provides";
        String name = String.valueOf(value(filter, BundleRevision.PACKAGE_NAMESPACE));
        String range = range(filter);
        List<BundleCapability> near = capabilities(BundleRevision.PACKAGE_NAMESPACE).stream().filter(each -> name.equals(each.getAttributes().get(BundleRevision.PACKAGE_NAMESPACE))).toList();
        if (near.isEmpty()) {
            String advice = name.startsWith("heddle.") ? "no bundle of this Heddle exports it: it is not part of the API, or the plugin was built for another Heddle"
                    : "no bundle exports it: embed the library that has it (bnd: -conditionalpackage or -includeresource), or deploy it as a bundle first";
            return "it imports package " + name + range + ", and " + advice;
        }
        BundleCapability best = near.getFirst();
        return "it imports package " + name + range + ", and " + best.getRevision().getSymbolicName() + " exports it as " + best.getAttributes().get(Constants.VERSION_ATTRIBUTE)
                + ": build the plugin against this Heddle's SDK";
    }

    /** The value that a filter demands of an attribute, "" when it names none. */
    private static String value(String filter, String attribute) {
        int from = filter.indexOf("(" + attribute + "=");
        return from < 0 ? "" : filter.substring(from + attribute.length() + 2, filter.indexOf(')', from));
    }

    private static String range(String filter) {
        int least = filter.indexOf("(version>=");
        if (least < 0) return "";
        int below = filter.indexOf("(!(version>=");
        String low = filter.substring(least + 10, filter.indexOf(')', least));
        return below < 0 ? " from version " + low : " in version [" + low + "," + filter.substring(below + 12, filter.indexOf(')', below)) + ")";
    }
}
