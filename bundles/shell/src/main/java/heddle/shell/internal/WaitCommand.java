package heddle.shell.internal;

import heddle.api.admin.MeshInspector;
import heddle.api.admin.RouteReport;
import heddle.api.model.Durations;
import heddle.api.source.Condition;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** {@code mesh:wait}: comes back when a route is as wanted, as this daemon sees it, whatever its source. */
record WaitCommand(Mesh mesh) implements Command {
    /** As people write one: each unit once, the largest first. */
    private static final Pattern ORDER = Pattern.compile("(?:\\d+h)?(?:\\d+m)?(?:\\d+s)?(?:\\d+ms)?");
    private static final long LOOK_MILLIS = 50;
    private static final String OURS = "heddle.io/Programmed";
    private static final List<String> KINDS = List.of("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute");

    @Override public String name() {
        return "wait";
    }

    @Override public String help() {
        return """
                usage: wait KIND/NAME [--namespace NS] [--for condition=TYPE[=STATUS] | --for delete] [--generation N] [--timeout 30s] [-o json]
                Waits until a route has the condition at every parent; a route that is not there yet is waited for.
                """;
    }

    /** @param type Accepted, ResolvedRefs, ..., {@link #OURS} for in force here; empty = gone */
    private record Wish(String kind, String namespace, String name, String type, String status, long generation) {
        @Override public String toString() {
            return kind + " " + namespace + "/" + name + (type.isEmpty() ? " deleted" : " " + type + "=" + status);
        }
    }

    @Override public void run(Call call) throws InterruptedException {
        boolean json = call.json();
        String namespace = call.option("--namespace").or(() -> call.option("-n")).orElse("default");
        String wanted = call.option("--for").orElse("condition=Programmed");
        long generation = number(call.option("--generation").orElse("0"));
        Duration limit = duration(call.option("--timeout").orElse("30s"));
        String object = call.argument("KIND/NAME");
        call.end();
        Wish wish = wish(object, namespace, wanted, generation);

        long began = System.nanoTime();
        Optional<RouteReport> route = find(wish);
        boolean met = met(wish, route);
        while (!met && System.nanoTime() - began < limit.toNanos()) {
            Thread.sleep(LOOK_MILLIS);
            route = find(wish);
            met = met(wish, route);
        }
        long millis = (System.nanoTime() - began) / 1_000_000;
        if (json) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("wanted", wish.toString());
            answer.put("met", met);
            answer.put("waitedMillis", millis);
            answer.put("parents", route.map(RouteReport::parents).orElse(List.of()));
            call.out().println(Json.of(answer));
        }
        if (!met) throw new CommandFailure(CommandFailure.FAILED, wish + ": not within " + limit.toMillis() + " ms; " + state(route));
        if (!json) call.out().println(wish + ": met after " + millis + " ms");
    }

    private static Wish wish(String object, String namespace, String wanted, long generation) {
        String[] parts = object.split("/", 2);
        if (parts.length < 2 || parts[1].isEmpty()) throw usage(object + ": expected KIND/NAME, such as httproute/shop");
        String word = parts[0].toLowerCase(Locale.ROOT).replaceFirst("\\..*", "").replaceFirst("s$", "");
        String kind = KINDS.stream().filter(each -> each.toLowerCase(Locale.ROOT).equals(word)).findFirst()
                .orElseThrow(() -> usage(parts[0] + ": expected one of " + String.join(", ", KINDS).toLowerCase(Locale.ROOT)));
        if (wanted.equals("delete")) return new Wish(kind, namespace, parts[1], "", "", 0);
        if (!wanted.startsWith("condition=")) throw usage("--for " + wanted + ": expected condition=TYPE, condition=TYPE=STATUS or delete");
        String[] condition = wanted.substring("condition=".length()).split("=", 2);
        String type = condition[0].equals("Programmed") ? OURS : condition[0];
        return new Wish(kind, namespace, parts[1], type, condition.length > 1 ? condition[1] : "True", generation);
    }

    private Optional<RouteReport> find(Wish wish) {
        return mesh.inspector().routes().stream()
                .filter(route -> route.kind().equals(wish.kind) && route.namespace().equals(wish.namespace) && route.name().equals(wish.name)).findFirst();
    }

    private boolean met(Wish wish, Optional<RouteReport> route) {
        if (wish.type.isEmpty()) return route.isEmpty();
        if (route.isEmpty() || route.get().parents().isEmpty()) return false;
        return route.get().parents().stream().allMatch(parent -> met(wish, parent));
    }

    private boolean met(Wish wish, RouteReport.Attachment parent) {
        if (wish.type.equals(OURS)) return programmed(parent, wish.generation) == wish.status.equals("True");
        return parent.conditions().stream().anyMatch(condition -> condition.type().equals(wish.type) && condition.status().equals(wish.status)
                && condition.observedGeneration() >= wish.generation);
    }

    /** In force here: accepted, on some port, and the steering has the plan that it is part of. */
    private boolean programmed(RouteReport.Attachment parent, long generation) {
        MeshInspector inspector = mesh.inspector();
        return !parent.ports().isEmpty() && inspector.status().ready()
                && parent.conditions().stream().anyMatch(condition -> condition.type().equals("Accepted") && condition.isTrue() && condition.observedGeneration() >= generation);
    }

    private static String state(Optional<RouteReport> route) {
        if (route.isEmpty()) return "there is no such route";
        if (route.get().parents().isEmpty()) return "it has no parent of this mesh";
        StringBuilder state = new StringBuilder();
        for (RouteReport.Attachment parent : route.get().parents()) {
            state.append(state.isEmpty() ? "" : "; ").append(parent.parent()).append(':');
            for (Condition condition : parent.conditions()) {
                state.append(' ').append(condition.type()).append('=').append(condition.status()).append(' ').append(condition.reason());
            }
        }
        return Table.clean(state.toString());
    }

    private static long number(String text) {
        if (!text.matches("\\d{1,18}")) throw usage("--generation " + text + ": expected a number");
        return Long.parseLong(text);
    }

    /** A Gateway API duration. */
    private static Duration duration(String text) {
        if (!Durations.isValid(text) || !ORDER.matcher(text).matches()) throw usage("--timeout " + text + ": expected a duration such as 30s or 1m30s");
        return Durations.parse(text);
    }

    private static CommandFailure usage(String message) {
        return new CommandFailure(CommandFailure.USAGE, message + " (see wait --help)");
    }
}
