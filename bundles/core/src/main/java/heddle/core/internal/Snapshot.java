package heddle.core.internal;

import heddle.api.identity.IdentityProvider;
import heddle.api.plan.FrontendPlan;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One state of the mesh, immutable but for the endpoints inside. Published by one volatile write.
 *  @param index   TCP frontends by address
 *  @param byPort  every frontend, UDP too */
record Snapshot(long generation, Map<InetSocketAddress, Optional<FrontendPlan>> index, Map<FrontendKey, PortFrontend> byPort,
                Identities identities, IdentityProvider identity) {
    static final Snapshot EMPTY = new Snapshot(0, Map.of(), Map.of(), Identities.NONE, Identities.NONE);

    Optional<FrontendPlan> frontend(InetSocketAddress destination) {
        Optional<FrontendPlan> found = index.get(destination);
        return found == null ? Optional.empty() : found;
    }

    List<PortFrontend> frontends() {
        return List.copyOf(byPort.values());
    }

    /** Of two Services with one address the first by name has it, as with every other tie. */
    static Map<InetSocketAddress, Optional<FrontendPlan>> index(Iterable<PortFrontend> frontends) {
        Map<InetSocketAddress, Optional<FrontendPlan>> index = new HashMap<>();
        for (PortFrontend frontend : frontends) {
            if (!frontend.key().protocol().equals("TCP")) continue;
            Optional<FrontendPlan> value = Optional.of(frontend);
            for (InetAddress address : frontend.sets().service().clusterIps()) {
                index.merge(new InetSocketAddress(address, frontend.port()), value, (one, other) ->
                        one.orElseThrow().service().compareTo(other.orElseThrow().service()) <= 0 ? one : other);
            }
        }
        return index;
    }
}
