package heddle.shell.internal;

import heddle.api.admin.ExplainQuery;
import heddle.api.admin.Explained;
import heddle.api.admin.RecentFailure;
import heddle.api.policy.FilterAction;
import java.io.PrintStream;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code mesh:explain}. */
record ExplainCommand(Mesh mesh) implements Command {
    @Override public String name() {
        return "explain";
    }

    @Override public String help() {
        return """
                usage: explain [--from NAMESPACE/WORKLOAD] METHOD URL [-H 'NAME: VALUE']... [-o json]
                       explain --recent [NAMESPACE/SERVICE] [--last N] [-o json]
                Where a request goes and why: Service, client, set of routes, every candidate with the tie-break it lost, filters, timeouts, backends.
                URL's host is a Service name (oven.foodprep) or address; --from NAMESPACE alone is a client without labels there. A URL of grpc://
                is a gRPC call, of tls:// or https:// a server name, of tcp:// or udp:// a connection.
                With --recent: the last requests (10, or --last N) that missed, failed, or that a backend answered with 404 or 5xx, newest first, each
                with what is decided about it now.
                """;
    }

    @Override public void run(Call call) {
        boolean json = call.json();
        if (call.flag("--recent")) {
            recent(call, json);
            return;
        }
        Optional<String> from = call.option("--from");
        List<FilterAction.Field> headers = new ArrayList<>();
        List<String> lines = new ArrayList<>(call.options("-H"));
        lines.addAll(call.options("--header"));
        for (String header : lines) {
            int colon = header.indexOf(':');
            if (colon <= 0) throw new CommandFailure(CommandFailure.USAGE, "-H " + header + ": expected NAME: VALUE");
            headers.add(new FilterAction.Field(header.substring(0, colon).strip(), header.substring(colon + 1).strip()));
        }
        String method = call.argument("METHOD");
        String url = call.argument("URL");
        call.end();
        Explained explained = mesh.inspector().explain(new ExplainQuery(from, method, url, headers));
        if (json) call.out().println(Json.of(explained));
        else print(method + " " + url, explained, call.out());
    }

    private void recent(Call call, boolean json) {
        int last = call.option("--last").map(ExplainCommand::count).orElse(10);
        Optional<String> service = call.more() ? Optional.of(call.argument("SERVICE")) : Optional.empty();
        call.end();
        service.filter(name -> mesh.inspector().services().stream().noneMatch(each -> name.equals(each.namespace() + "/" + each.name()))).ifPresent(name -> {
            throw new CommandFailure(CommandFailure.FAILED, name + " is no Service of this mesh (expected: NAMESPACE/NAME, see heddle services)");
        });
        List<RecentFailure> failures = mesh.inspector().recent(service).stream().limit(last).toList();
        if (json) {
            call.out().println(Json.of(failures));
            return;
        }
        if (failures.isEmpty()) call.out().println("no request has missed or failed lately" + service.map(name -> " at " + name).orElse(""));
        for (RecentFailure failure : failures) {
            call.out().println(Table.clean(failure.time().truncatedTo(ChronoUnit.MILLIS) + " " + failure.client() + " to " + failure.service() + ":" + failure.port() + ": got "
                    + (failure.status() == 0 ? "" : failure.status() + " ") + failure.reason() + (failure.rule().isEmpty() ? "" : " from " + failure.rule())));
            print(failure.method() + " " + failure.target() + " now", failure.explained(), call.out());
            call.out().println();
        }
    }

    private static int count(String text) {
        try {
            return Integer.parseUnsignedInt(text);
        } catch (NumberFormatException bad) {
            throw new CommandFailure(CommandFailure.USAGE, "--last " + text + ": expected a number");
        }
    }

    private static void print(String request, Explained explained, PrintStream out) {
        out.println(Table.clean(request + " → " + explained.outcome()));
        for (Explained.Step step : explained.steps()) out.println(Table.clean("  " + step.what() + ": " + step.because() + (step.rule().isEmpty() ? "" : " [" + step.rule() + "]")));
        if (!explained.candidates().isEmpty()) {
            out.println("candidates");
            for (Explained.CandidateReport candidate : explained.candidates()) {
                out.println(Table.clean("  " + (candidate.winner() ? "*" : candidate.matched() ? "+" : "-") + " " + candidate.candidate() + ": " + candidate.reason()));
            }
        }
        if (!explained.backends().isEmpty()) {
            out.println("backends");
            for (Explained.BackendShare backend : explained.backends()) {
                out.println(Table.clean("  " + backend.backend() + " " + backend.percent() + (backend.state().isEmpty() ? "" : " " + backend.state()) + ": "
                        + (backend.endpoints().isEmpty() ? "no endpoint" : String.join(", ", backend.endpoints()))));
            }
        }
        if (!explained.notes().isEmpty()) {
            out.println("notes");
            explained.notes().forEach(note -> out.println(Table.clean("  " + note)));
        }
    }
}
