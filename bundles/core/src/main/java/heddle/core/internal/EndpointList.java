package heddle.core.internal;

import heddle.api.model.EndpointSlice;
import heddle.api.model.ServicePort;
import heddle.api.policy.Endpoint;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Endpoints of a Service port out of its EndpointSlices: the ports belong together by name; slices of both families join. */
final class EndpointList {
    private EndpointList() {}

    /** Only {@code conditions.ready} ones (SPEC.md, further decisions). */
    static List<Endpoint> ready(ServicePort port, List<EndpointSlice> slices) {
        return hinted(port, slices).stream().map(Nearest.Hinted::endpoint).toList();
    }

    /** Likewise, with the hints for whom each is. */
    static List<Nearest.Hinted> hinted(ServicePort port, List<EndpointSlice> slices) {
        Map<InetSocketAddress, Nearest.Hinted> found = new LinkedHashMap<>();
        for (EndpointSlice slice : slices) {
            for (EndpointSlice.Port slicePort : slice.ports()) {
                if (!belongs(slicePort, port)) continue;
                for (EndpointSlice.Entry entry : slice.endpoints()) {
                    if (!entry.ready() || entry.addresses().isEmpty()) continue;
                    // further addresses of an entry have no meaning (EndpointSlice API), and kube-proxy does not look at them
                    InetSocketAddress address = new InetSocketAddress(entry.addresses().getFirst(), slicePort.port());
                    found.putIfAbsent(address, new Nearest.Hinted(new Endpoint(address, entry.zone(), entry.node()), entry.forZones(), entry.forNodes()));
                }
            }
        }
        return List.copyOf(found.values());
    }

    /** {@code address:port} of those that are not ready. */
    static List<String> notReady(ServicePort port, List<EndpointSlice> slices) {
        List<String> found = new ArrayList<>();
        for (EndpointSlice slice : slices) {
            for (EndpointSlice.Port slicePort : slice.ports()) {
                if (!belongs(slicePort, port)) continue;
                for (EndpointSlice.Entry entry : slice.endpoints()) {
                    if (entry.ready() || entry.addresses().isEmpty()) continue;
                    found.add(text(new InetSocketAddress(entry.addresses().getFirst(), slicePort.port())));
                }
            }
        }
        return found;
    }

    static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    private static boolean belongs(EndpointSlice.Port slicePort, ServicePort port) {
        return slicePort.name().equals(port.name()) && slicePort.protocol().equals(port.protocol());
    }
}
