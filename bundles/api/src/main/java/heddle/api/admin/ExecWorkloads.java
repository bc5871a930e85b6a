package heddle.api.admin;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** Programs that {@code heddle exec} starts as workloads. A registered one is a Workload object like those of a manifest. */
@ProviderType
public interface ExecWorkloads {
    /** Registers a program; a Workload manifest of the same namespace and name gives what the request leaves open.
     *  The registration ends when process {@code pid} has ended.
     *  @throws IllegalArgumentException naming the field that cannot be used */
    Ticket begin(Request request);

    /** @param pid the process that will become the program; its network namespace is the workload's */
    record Request(String namespace, String workload, Optional<String> serviceAccount, long pid) {}

    /** @param cgroup relative to the cgroup2 mount
     *  @param source the address by which steer-bind knows the workload */
    record Ticket(Path cgroup, InetAddress source) {}
}
