package heddle.shell.internal;

import heddle.api.admin.DiffReport;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/** {@code mesh:diff}. */
record DiffCommand(Mesh mesh) implements Command {
    /** As of diff(1): something differs, or nothing can be said. */
    private static final int DIFFERS = 1;
    private static final int TROUBLE = 2;

    @Override public String name() {
        return "diff";
    }

    @Override public String help() {
        return """
                usage: diff --manifests PATH... [--over] [-o json]
                Which of the requests that came lately would go elsewhere with other manifests. The manifests are compiled beside the live ones, the
                recorded heads of recent requests are decided by both, nothing live changes.
                PATH (a folder or file, may be repeated) stands in place of the daemon's own manifests; with --over its objects are laid over everything
                live, as kubectl apply would. Of each Service port up to recentRequests heads are kept, at most 20 a second; values of Authorization are not.
                Exit status: 0 nothing changes, 1 something does, 2 the manifests have problems.
                """;
    }

    @Override public void run(Call call) {
        boolean json = call.json();
        boolean over = call.flag("--over");
        List<Path> roots = call.options("--manifests").stream().map(Path::of).toList();
        call.end();
        if (roots.isEmpty()) throw new CommandFailure(CommandFailure.USAGE, "--manifests is needed (see diff --help)");
        for (Path root : roots) if (!root.isAbsolute()) throw new CommandFailure(CommandFailure.USAGE, "--manifests " + root + ": expected an absolute path");
        DiffReport report = mesh.inspector().diff(mesh.manifests().read(roots), over);
        if (json) call.out().println(Json.of(report));
        else print(report, call.out());
        if (!report.problems().isEmpty()) throw new CommandFailure(TROUBLE, "");
        if (report.changed() > 0 || !report.added().isEmpty() || !report.removed().isEmpty()) throw new CommandFailure(DIFFERS, "");
    }

    private static void print(DiffReport report, PrintStream out) {
        report.problems().forEach(problem -> out.println(Table.clean("problem: " + problem)));
        if (report.replayed() == 0) out.println("no request has been recorded yet, so none can be replayed");
        else out.println(report.replayed() + " recorded requests replayed, " + (report.changed() == 0 ? "none changes" : report.changed() + " change"));
        for (DiffReport.Change change : report.changes()) {
            out.println(Table.clean("Service " + change.service() + " port " + change.port() + ", " + change.requests() + (change.requests() == 1 ? " request" : " requests")
                    + ": " + String.join(", ", change.what())));
            out.println(Table.clean("  - " + change.now()));
            out.println(Table.clean("  + " + change.then()));
            for (String detail : change.details()) out.println(Table.clean("    " + detail));
            out.println(Table.clean("  for example " + change.example()));
        }
        report.added().forEach(route -> out.println(Table.clean("only proposed: " + route)));
        report.removed().forEach(route -> out.println(Table.clean("only live: " + route)));
        if (report.routes().isEmpty()) return;
        Table table = new Table("ROUTE", "NOW", "THEN");
        report.routes().forEach(route -> table.row(route.route(), Integer.toString(route.now()), Integer.toString(route.then())));
        table.print(out);
    }
}
