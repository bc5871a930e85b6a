package heddle.shell.internal;

import heddle.api.admin.MeshInspector;
import heddle.api.admin.PluginReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;

/** {@code mesh:plugins}: bundles with what they offer to the mesh. */
record PluginsCommand(BundleContext context, Mesh mesh) implements Command {
    @Override public String name() {
        return "plugins";
    }

    @Override public String help() {
        return """
                usage: plugins [--all] [-o json]
                Third-party bundles, their state and the services they offer, then files of the plugins folder that were refused and why;
                --all: ours and the libraries too.
                """;
    }

    /** A file in the plugins folder that is not in force. */
    record RefusedFile(String file, String reason) {}

    record Plugins(List<Row> bundles, List<RefusedFile> refused) {}

    record Row(long id, String bundle, String version, String state, List<String> services, Map<String, Long> calls, String faulty, String location) {}

    @Override public void run(Call call) {
        boolean json = call.json();
        boolean all = call.flag("--all");
        call.end();
        Map<Long, PluginReport> reports = new LinkedHashMap<>();
        MeshInspector inspector = mesh.inspector.get();
        if (inspector != null) inspector.plugins().forEach(each -> reports.put(each.id(), each));
        List<Row> rows = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            if (!all && !bundle.getLocation().startsWith("plugin:")) continue;
            rows.add(new Row(bundle.getBundleId(), bundle.getSymbolicName(), bundle.getVersion().toString(), state(bundle), services(bundle), calls(reports.get(bundle.getBundleId())), faulty(reports.get(bundle.getBundleId())), bundle.getLocation()));
        }
        if (json) {
            call.out().println(Json.of(new Plugins(rows, refused())));
            return;
        }
        Table table = new Table("ID", "BUNDLE", "VERSION", "STATE", "OFFERS", "CALLS");
        rows.forEach(row -> table.row(row.id(), row.bundle(), row.version(), row.state(), row.services().isEmpty() ? "-" : String.join(" ", row.services()), calls(row)));
        table.print(call.out());
        rows.stream().filter(row -> !row.faulty().isEmpty()).forEach(row -> call.out().println(row.bundle() + " is faulty: " + Table.clean(row.faulty())));
        refused().forEach(each -> call.out().println("refused " + Table.clean(each.file()) + ": " + Table.clean(each.reason())));
    }

    private static Map<String, Long> calls(@Nullable PluginReport report) {
        return report == null ? Map.of() : report.calls();
    }

    private static String faulty(@Nullable PluginReport report) {
        return report == null ? "" : report.faulty();
    }

    /** {@code ok=12 fault=1}; what never happened is left out. */
    private static String calls(Row row) {
        String text = Stream.of("ok", "fault", "overdue", "refused").filter(result -> row.calls().getOrDefault(result, 0L) > 0).map(result -> result + "=" + row.calls().get(result)).collect(Collectors.joining(" "));
        return text.isEmpty() ? "-" : text;
    }

    private List<RefusedFile> refused() {
        List<String> words;
        try {
            words = new LauncherOrders(context).plugins("refused");
        } catch (CommandFailure early) {
            return List.of();                                   // without a launcher there is no folder
        }
        List<RefusedFile> files = new ArrayList<>();
        for (int i = 0; i + 1 < words.size(); i += 2) files.add(new RefusedFile(words.get(i), words.get(i + 1)));
        return files;
    }

    private static List<String> services(Bundle bundle) {
        ServiceReference<?>[] references = bundle.getRegisteredServices();
        if (references == null) return List.of();
        Map<String, String> names = new LinkedHashMap<>();
        for (ServiceReference<?> reference : references) {
            for (String type : (String[]) reference.getProperty(Constants.OBJECTCLASS)) {
                if (type.startsWith("heddle.api.")) names.put(type, type.substring(type.lastIndexOf('.') + 1));
            }
        }
        return Arrays.asList(names.values().stream().sorted().collect(Collectors.joining(",")).split(",")).stream().filter(name -> !name.isEmpty()).toList();
    }

    private static String state(Bundle bundle) {
        if (bundle.getHeaders().get(Constants.FRAGMENT_HOST) != null) return "fragment";
        return switch (bundle.getState()) {
            case Bundle.ACTIVE -> "active";
            case Bundle.INSTALLED -> "installed, not resolved";
            case Bundle.RESOLVED -> "stopped";
            case Bundle.STARTING -> "starting";
            case Bundle.STOPPING -> "stopping";
            default -> "uninstalled";
        };
    }
}
