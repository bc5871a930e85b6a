package heddle.shell.internal;

/** {@code mesh:hosts}. */
record HostsCommand(Mesh mesh) implements Command {
    @Override public String name() {
        return "hosts";
    }

    @Override public String help() {
        return """
                usage: hosts [--namespace NS]
                The lines for /etc/hosts under which Services are found; --namespace gives that namespace's Services their bare names.
                """;
    }

    @Override public void run(Call call) {
        String namespace = call.option("--namespace").or(() -> call.option("-n")).orElse("");
        call.end();
        HostLines.of(mesh.inspector().services(), namespace).forEach(call.out()::println);
    }
}
