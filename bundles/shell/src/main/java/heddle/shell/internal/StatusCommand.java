package heddle.shell.internal;

import heddle.api.admin.MeshStatus;
import heddle.api.forward.ForwarderStatus;
import heddle.api.steer.SteeringStatus;
import java.io.PrintStream;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** {@code mesh:status}. */
record StatusCommand(Mesh mesh) implements Command {
    @Override public String name() {
        return "status";
    }

    @Override public String help() {
        return """
                usage: status [-o json]
                What is in force: steering, forwarder, sources, their problems. Exit status 1 while the mesh is not ready.
                """;
    }

    @Override public void run(Call call) {
        boolean json = call.json();
        call.end();
        MeshStatus status = mesh.inspector().status();
        if (json) call.out().println(Json.of(status));
        else print(status, call.out());
        if (!status.ready()) throw new CommandFailure(CommandFailure.FAILED, "");
    }

    private static void print(MeshStatus status, PrintStream out) {
        line(out, "ready", status.ready() ? "yes" : "no");
        status.notReady().forEach(reason -> line(out, "", reason));
        line(out, "generation", status.generation() + ", " + status.services() + " Services, " + status.routes() + " routes with " + status.rules() + " rules, "
                + status.workloads() + " workloads");
        line(out, "matcher", status.routeCompiler());
        status.steering().ifPresentOrElse(steering -> steering(steering, out), () -> line(out, "steering", "none"));
        status.forwarder().ifPresentOrElse(forwarder -> forwarder(forwarder, out), () -> line(out, "forwarder", "none"));
        for (MeshStatus.SourceReport source : status.sources()) {
            line(out, "source", source.id() + ": revision " + source.revision() + ", " + source.objects() + " objects" + (source.stale().isEmpty() ? "" : ", STALE: " + source.stale()));
            source.problems().forEach(problem -> line(out, "  problem", problem.toString()));
            source.shadowed().forEach(object -> line(out, "  shadowed", object));
        }
    }

    private static void steering(SteeringStatus steering, PrintStream out) {
        line(out, "steering", steering.id() + ": " + steering.places() + " places, " + steering.frontends() + " frontends, " + steering.workloads() + " workloads");
        steering.problems().forEach(problem -> line(out, "  problem", problem));
        counters(steering.counters(), out);
    }

    private static void forwarder(ForwarderStatus forwarder, PrintStream out) {
        line(out, "forwarder", forwarder.name() + ": " + forwarder.loops() + " event loops, " + forwarder.connections() + " connections, " + forwarder.requestsInFlight() + " requests in flight");
        counters(forwarder.counters(), out);
    }

    private static void counters(Map<String, Long> counters, PrintStream out) {
        String text = new TreeMap<>(counters).entrySet().stream().filter(entry -> entry.getValue() != 0).map(entry -> entry.getKey() + "=" + entry.getValue()).collect(Collectors.joining(" "));
        if (!text.isEmpty()) line(out, "  counters", text);
    }

    private static void line(PrintStream out, String name, String value) {
        out.println(Table.clean(String.format("%-11s %s", name, value)));
    }
}
