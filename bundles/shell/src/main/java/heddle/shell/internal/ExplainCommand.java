package heddle.shell.internal;

import heddle.api.admin.ExplainQuery;
import heddle.api.admin.Explained;
import heddle.api.policy.FilterAction;
import java.io.PrintStream;
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
                Where a request goes and why: Service, client, set of routes, every candidate with the tie-break it lost, backends.
                URL's host is a Service name (oven.foodprep) or address; --from NAMESPACE alone is a client without labels there.
                """;
    }

    @Override public void run(Call call) {
        boolean json = call.json();
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
