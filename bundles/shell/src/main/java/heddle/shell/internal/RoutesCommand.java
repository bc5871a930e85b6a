package heddle.shell.internal;

import heddle.api.admin.RouteReport;
import heddle.api.admin.ServiceReport;
import heddle.api.source.Condition;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code mesh:routes} and {@code mesh:services}: the latter is the former's second half. */
record RoutesCommand(Mesh mesh, boolean servicesOnly) implements Command {
    @Override public String name() {
        return servicesOnly ? "services" : "routes";
    }

    @Override public String help() {
        return servicesOnly ? """
                usage: services [--namespace NS] [-o json]
                Every Service with its addresses and endpoints, and who handles its connections.
                """ : """
                usage: routes [--namespace NS] [-o json]
                Every route with the Service ports it is in force on and its conditions; then every Service with addresses and endpoints.
                """;
    }

    @Override public void run(Call call) {
        boolean json = call.json();
        String namespace = call.option("--namespace").or(() -> call.option("-n")).orElse("");
        call.end();
        List<RouteReport> routes = mesh.inspector().routes().stream().filter(route -> namespace.isEmpty() || route.namespace().equals(namespace)).toList();
        List<ServiceReport> services = mesh.inspector().services().stream().filter(service -> namespace.isEmpty() || service.namespace().equals(namespace)).toList();
        if (json) {
            call.out().println(Json.of(servicesOnly ? services : Map.of("routes", routes, "services", services)));
            return;
        }
        if (!servicesOnly) {
            printRoutes(routes, call.out());
            call.out().println();
        }
        printServices(services, call.out());
    }

    private static void printRoutes(List<RouteReport> routes, PrintStream out) {
        Table table = new Table("ROUTE", "RULES", "PARENT", "PORTS", "SET", "ACCEPTED", "RESOLVED", "FROM");
        for (RouteReport route : routes) {
            String name = route.kind() + " " + route.namespace() + "/" + route.name();
            if (route.parents().isEmpty()) table.row(name, route.rules(), "-", "-", "-", "-", "-", route.origin());
            for (RouteReport.Attachment parent : route.parents()) {
                table.row(name, route.rules(), parent.parent(), parent.ports().isEmpty() ? "-" : parent.ports().stream().map(String::valueOf).collect(Collectors.joining(",")),
                        parent.set().isEmpty() ? "-" : parent.set(), condition(parent, "Accepted"), condition(parent, "ResolvedRefs"), route.origin());
            }
        }
        table.print(out);
        for (RouteReport route : routes) {
            String name = route.kind() + " " + route.namespace() + "/" + route.name();
            for (RouteReport.Attachment parent : route.parents()) {
                for (Condition condition : parent.conditions()) {
                    boolean bad = condition.type().equals("PartiallyInvalid") ? condition.isTrue() : !condition.isTrue();
                    if (bad) out.println(Table.clean("  " + name + " at " + parent.parent() + ": " + condition.type() + "=" + condition.status() + " " + condition.reason() + ": " + condition.message()));
                }
            }
            route.warnings().forEach(warning -> out.println(Table.clean("  " + name + ": " + warning)));
        }
    }

    private static String condition(RouteReport.Attachment parent, String type) {
        return parent.conditions().stream().filter(condition -> condition.type().equals(type)).findFirst()
                .map(condition -> condition.isTrue() ? "True" : condition.status() + " " + condition.reason()).orElse("-");
    }

    private static void printServices(List<ServiceReport> services, PrintStream out) {
        Table table = new Table("SERVICE", "ADDRESSES", "PORT", "PROTOCOL", "HANDLING", "ENDPOINTS");
        for (ServiceReport service : services) {
            String name = service.namespace() + "/" + service.name();
            String addresses = service.addresses().isEmpty() ? "-" : String.join(",", service.addresses());
            if (service.ports().isEmpty()) table.row(name, addresses, "-", "-", "-", "-");
            for (ServiceReport.Port port : service.ports()) {
                table.row(name, addresses, port.port() + (port.name().isEmpty() ? "" : " " + port.name()), port.protocol() + (port.appProtocol().isEmpty() ? "" : " " + port.appProtocol()),
                        port.handling(), port.endpoints().isEmpty() ? "-" : String.join(",", port.endpoints()));
            }
        }
        table.print(out);
    }
}
