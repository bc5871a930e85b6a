package heddle.api.steer;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What the steering is to do: every Service port there is, and every workload of this node.
 *  @param generation the snapshot it belongs to */
public record SteeringPlan(long generation, List<Frontend> frontends, List<Member> workloads) {
    public SteeringPlan {
        frontends = List.copyOf(frontends);
        workloads = List.copyOf(workloads);
    }

    public enum Transport { TCP, UDP }

    /** PASS: leave the connect alone. BALANCE: choose among the slots in the kernel. STEER: bring it to the daemon; when the
     *  daemon is gone or hung, the frontend's {@code failClosed} decides, and the slots (if any) are the fallback. REFUSE: connection refused. */
    public enum Mode { PASS, BALANCE, STEER, REFUSE }

    /** One Service port.
     *  @param service    {@code namespace/name:port}, for messages
     *  @param addresses  the Service's addresses, one or two
     *  @param failClosed {@code heddle.io/when-down: closed}
     *  @param affinity   Service {@code sessionAffinity: ClientIP}: the kernel hashes the workload to a slot
     *  @param handlings  one a client class; class 0 (everybody without a class of its own) is always there, first */
    public record Frontend(String service, List<InetAddress> addresses, int port, Transport transport, boolean failClosed,
                           boolean affinity, List<Handling> handlings) {
        public Frontend {
            addresses = List.copyOf(addresses);
            handlings = List.copyOf(handlings);
        }
    }

    /** What happens to the connections of one client class. */
    public record Handling(int clientClass, Mode mode, List<Slot> slots) {
        public Handling {
            slots = List.copyOf(slots);
        }
    }

    /** A share of the connections; without an endpoint that share is refused (SPEC.md B8). */
    public record Slot(Optional<InetSocketAddress> endpoint, int weight) {}

    /** A workload of this node.
     *  @param id          never 0, stable while the workload lives; comes back in {@link Origin#workload()}
     *  @param clientClass 0 unless some route tells it apart where the kernel chooses */
    public record Member(int id, String namespace, String name, Optional<Path> cgroup, Optional<Path> networkNamespace,
                         List<InetAddress> addresses, int clientClass) {
        public Member {
            addresses = List.copyOf(addresses);
        }
    }
}
