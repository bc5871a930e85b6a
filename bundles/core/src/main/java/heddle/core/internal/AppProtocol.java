package heddle.core.internal;

import heddle.api.model.ServicePort;
import heddle.api.plan.BackendPlan;
import heddle.api.plan.ClientPlan;
import java.util.Optional;

/** What a port's appProtocol says (SPEC.md B11 and further decisions). */
final class AppProtocol {
    private AppProtocol() {}

    /** What an HTTPRoute or GRPCRoute expects of connections to the port; empty = it does not apply to the port. */
    static Optional<ClientPlan.Expect> expected(ServicePort port) {
        return switch (port.appProtocol().orElse("")) {
            case "" -> Optional.of(ClientPlan.Expect.DETECT);
            case "http", "kubernetes.io/h2c", "kubernetes.io/ws", "kubernetes.io/wss", "ws", "wss", "grpc" -> Optional.of(ClientPlan.Expect.HTTP);
            default -> Optional.empty();
        };
    }

    /** How to speak to a backend's port; empty = not possible.
     *  @param tls a BackendTLSPolicy is in force on it, without which https and wss are not possible */
    static Optional<BackendPlan.Protocol> upstream(ServicePort port, boolean grpc, boolean tls) {
        return switch (port.appProtocol().orElse("")) {
            case "", "http" -> Optional.of(grpc ? BackendPlan.Protocol.H2C : BackendPlan.Protocol.HTTP1);
            case "kubernetes.io/h2c", "grpc" -> Optional.of(BackendPlan.Protocol.H2C);
            case "https" -> !tls ? Optional.empty() : Optional.of(grpc ? BackendPlan.Protocol.H2C : BackendPlan.Protocol.HTTP1);
            case "kubernetes.io/wss", "wss" -> !tls || grpc ? Optional.empty() : Optional.of(BackendPlan.Protocol.HTTP1);
            case "kubernetes.io/ws", "ws" -> grpc ? Optional.empty() : Optional.of(BackendPlan.Protocol.HTTP1);
            default -> Optional.empty();
        };
    }
}
