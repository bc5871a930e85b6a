package heddle.shell.internal;

import heddle.api.admin.ExecWorkloads;
import heddle.api.admin.MeshInspector;
import heddle.api.source.Registration;
import heddle.api.steer.SteeringStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** {@code mesh:exec-begin}: registers a program as a workload and answers when the snapshot that has it is in force; then nothing
 *  that the program does can be too early. */
record ExecBeginCommand(Mesh mesh, ExecHosts hosts, String cgroupMount) implements Command {
    private static final long LIMIT_SECONDS = 10;
    /** When the workload was known before, nothing may change; then this is long enough for a change that does come. */
    private static final long KNOWN_MILLIS = 500;

    @Override public String name() {
        return "exec-begin";
    }

    @Override public String help() {
        return """
                usage: exec-begin --namespace NS --workload NAME --pid PID [--service-account SA]
                For `heddle exec`: registers the process as a workload; prints cgroup, source address, hosts file and steering.
                """;
    }

    @Override public boolean changes(List<String> arguments) {
        return true;
    }

    @Override public void run(Call call) throws IOException, InterruptedException {
        String namespace = call.required("--namespace");
        String workload = call.required("--workload");
        Optional<String> account = call.option("--service-account");
        long pid;
        try {
            pid = Long.parseLong(call.required("--pid"));
        } catch (NumberFormatException bad) {
            throw new CommandFailure(CommandFailure.USAGE, "--pid: expected a process id");
        }
        call.end();
        ExecWorkloads.Request program = new ExecWorkloads.Request(namespace, workload, account, pid);
        MeshInspector inspector = mesh.inspector();
        ExecWorkloads.Ticket ticket;
        CountDownLatch inForce = new CountDownLatch(1);
        boolean known = inspector.knows(namespace, workload);
        try (Registration listening = inspector.onPublished(published -> {
            if (inspector.knows(namespace, workload)) inForce.countDown();
        })) {
            try {
                ticket = mesh.workloads().begin(program);
            } catch (IllegalArgumentException bad) {
                throw new CommandFailure(CommandFailure.FAILED, String.valueOf(bad.getMessage()));
            }
            boolean published = known ? inForce.await(KNOWN_MILLIS, TimeUnit.MILLISECONDS) : inForce.await(LIMIT_SECONDS, TimeUnit.SECONDS);
            if (!published && !inspector.knows(namespace, workload)) {
                throw new CommandFailure(CommandFailure.FAILED, "workload " + namespace + "/" + workload + " did not get into force within " + LIMIT_SECONDS + " s; see `heddle status`");
            }
        }
        Path file = hosts.begin(program);
        Optional<Path> mount = CgroupMount.find(cgroupMount);
        if (mount.isPresent()) call.out().println("cgroup=" + mount.get().resolve(ticket.cgroup()));
        call.out().println("source=" + ticket.source().getHostAddress());
        call.out().println("hosts=" + file);
        call.out().println("steering=" + inspector.status().steering().map(SteeringStatus::id).orElse("none"));
    }
}
