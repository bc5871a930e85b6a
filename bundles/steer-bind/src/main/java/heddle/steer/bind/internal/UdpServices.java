package heddle.steer.bind.internal;

import heddle.api.steer.SteeringPlan;
import heddle.api.steer.SteeringPlan.Frontend;
import heddle.api.steer.SteeringPlan.Member;
import heddle.api.steer.SteeringPlan.Mode;
import heddle.api.steer.SteeringPlan.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The UDP ports of a plan: which addresses are listened on, and what their relay is told. The relay exists only while there are any.
 *  Under its user's lock. */
final class UdpServices {
    private final long idleNanos;
    private final int maxFlows;
    private final Set<InetSocketAddress> open = new HashSet<>();
    private @Nullable UdpRelay relay;
    private final UdpRelay.Counts counts = new UdpRelay.Counts();

    UdpServices(long idleNanos, int maxFlows) {
        this.idleNanos = idleNanos;
        this.maxFlows = maxFlows;
    }

    void apply(SteeringPlan plan, List<String> problems) {
        Map<InetSocketAddress, Frontend> wanted = new HashMap<>();
        for (Frontend frontend : plan.frontends()) {
            if (frontend.transport() != Transport.UDP) continue;
            if (frontend.handlings().stream().allMatch(handling -> handling.mode() == Mode.PASS)) continue;   // somebody else answers there
            for (InetAddress address : frontend.addresses()) wanted.put(new InetSocketAddress(address, frontend.port()), frontend);
        }
        for (InetSocketAddress gone : open.stream().filter(address -> !wanted.containsKey(address)).toList()) {
            open.remove(gone);
            if (relay != null) relay.shut(gone);
        }
        if (wanted.isEmpty()) {
            close();
            return;
        }
        Map<InetAddress, Integer> classes = new HashMap<>();
        for (Member member : plan.workloads()) {
            if (member.clientClass() != 0) member.addresses().forEach(address -> classes.put(address, member.clientClass()));
        }
        wanted.forEach((address, frontend) -> {
            try {
                UdpRelay by = relay();
                if (!open.contains(address)) by.open(address);
                open.add(address);
                by.use(address, frontend, classes);
            } catch (IOException e) {
                problems.add("Service " + frontend.service() + ": " + e.getMessage());
            }
        });
    }

    private UdpRelay relay() throws IOException {
        UdpRelay now = relay;
        if (now == null) relay = now = new UdpRelay(idleNanos, maxFlows, counts);
        return now;
    }

    Map<String, Long> counts() {
        return Map.of("udp_datagrams", counts.datagrams.sum(), "udp_replies", counts.replies.sum(), "udp_flows", counts.flows.sum(),
                "udp_dropped", counts.dropped.sum(), "udp_unreachable", counts.unreachable.sum(), "udp_evicted", counts.evicted.sum());
    }

    void close() {
        open.clear();
        UdpRelay now = relay;
        relay = null;
        if (now != null) now.close();
    }
}
