package heddle.source.file.internal;

import heddle.api.model.EndpointSlice;
import heddle.api.model.Metadata;
import heddle.api.model.ObjectKey;
import heddle.api.model.Service;
import heddle.api.model.ServicePort;
import heddle.api.model.Workload;
import heddle.api.source.SourceProblem;
import heddle.gateway.ServiceDetails;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Builds EndpointSlices for Services with a selector out of the Workloads of their namespace, as Kubernetes' controller does out of pods.
 *  Hand-written slices of a Service win: then none is built. A slice that did not change stays the same instance. One thread. */
final class WorkloadSlices {
    static final String SERVICE_NAME = "kubernetes.io/service-name";
    private static final Map<String, String> OURS = Map.of("endpointslice.kubernetes.io/managed-by", "heddle.io");

    private Map<ObjectKey, EndpointSlice> last = Map.of();

    record Built(Collection<EndpointSlice> slices, List<SourceProblem> notes) {}

    Built build(Collection<Service> services, Map<ObjectKey, ServiceDetails> details, Collection<Workload> workloads, Collection<EndpointSlice> written) {
        Map<String, List<Workload>> byNamespace = workloads.stream().collect(Collectors.groupingBy(Workload::namespace));
        Set<String> handWritten = written.stream().map(slice -> slice.namespace() + "/" + slice.serviceName()).collect(Collectors.toSet());
        Map<ObjectKey, EndpointSlice> slices = new LinkedHashMap<>();
        List<SourceProblem> notes = new ArrayList<>();
        for (Service service : services) {
            if (service.selector().isEmpty() || service.type().equals("ExternalName")) {
                continue;
            }
            List<Workload> selected = byNamespace.getOrDefault(service.namespace(), List.of()).stream()
                    .filter(workload -> workload.labels().entrySet().containsAll(service.selector().entrySet())).toList();
            if (handWritten.contains(service.namespace() + "/" + service.name())) {
                if (!selected.isEmpty()) {
                    notes.add(note(service, "has hand-written EndpointSlices; the " + selected.size() + " Workloads that its selector matches are not used"));
                }
                continue;
            }
            ServiceDetails detail = details.getOrDefault(service.key(), ServiceDetails.DEFAULT);
            boolean any = false;
            for (String family : families(service, detail)) {
                any |= slices(service, detail, family, selected, slices);
            }
            if (!any && !selected.isEmpty()) {
                notes.add(note(service, "selects " + selected.size() + " Workloads, of which none has an address of family "
                        + String.join(" or ", families(service, detail))));
            }
        }
        Map<ObjectKey, EndpointSlice> before = last;
        slices.replaceAll((key, slice) -> slice.equals(before.get(key)) ? before.get(key) : slice);
        last = slices;
        return new Built(List.copyOf(slices.values()), notes);
    }

    private static Set<String> families(Service service, ServiceDetails details) {
        Set<String> families = new TreeSet<>(details.ipFamilies());
        service.clusterIps().forEach(address -> families.add(family(address)));
        return families.isEmpty() || service.headless() && details.ipFamilies().isEmpty() ? Set.of("IPv4", "IPv6") : families;
    }

    /** One slice for each set of port numbers: Workloads may give one port name different numbers. False when none has an address. */
    private static boolean slices(Service service, ServiceDetails details, String family, List<Workload> selected, Map<ObjectKey, EndpointSlice> into) {
        Map<List<EndpointSlice.Port>, List<EndpointSlice.Entry>> byPorts = new LinkedHashMap<>();
        for (Workload workload : selected) {
            List<InetAddress> addresses = workload.addresses().stream().filter(address -> family(address).equals(family)).toList();
            if (!addresses.isEmpty()) {
                boolean ready = workload.ready() || details.publishNotReady();
                byPorts.computeIfAbsent(ports(service, workload), ports -> new ArrayList<>())
                        .add(new EndpointSlice.Entry(addresses, ready, ready, false, workload.zone(), "", Optional.of(workload.key())));
            }
        }
        int number = 0;
        for (Map.Entry<List<EndpointSlice.Port>, List<EndpointSlice.Entry>> each : byPorts.entrySet()) {
            String name = service.name() + "-workloads-" + family.toLowerCase(java.util.Locale.ROOT) + (number++ == 0 ? "" : "-" + number);
            ObjectKey key = new ObjectKey("EndpointSlice", service.namespace(), name);
            Map<String, String> labels = new HashMap<>(OURS);
            labels.put(SERVICE_NAME, service.name());
            Metadata metadata = new Metadata(key, labels, Map.of(), Optional.empty(), 0, "", "built from Workloads");
            into.put(key, new EndpointSlice(metadata, service.name(), family, each.getKey(), each.getValue()));
        }
        return !byPorts.isEmpty();
    }

    /** A port whose name the Workload does not have is left out, as Kubernetes does. */
    private static List<EndpointSlice.Port> ports(Service service, Workload workload) {
        List<EndpointSlice.Port> ports = new ArrayList<>();
        for (ServicePort port : service.ports()) {
            target(port.targetPort(), workload).ifPresent(number -> ports.add(new EndpointSlice.Port(port.name(), number, port.protocol(), port.appProtocol())));
        }
        return ports;
    }

    private static OptionalInt target(String targetPort, Workload workload) {
        if (Character.isDigit(targetPort.charAt(0)) && targetPort.chars().allMatch(Character::isDigit)) {
            return OptionalInt.of(Integer.parseInt(targetPort));
        }
        Integer named = workload.ports().get(targetPort);
        return named == null ? OptionalInt.empty() : OptionalInt.of(named);
    }

    private static String family(InetAddress address) {
        return address instanceof Inet4Address ? "IPv4" : "IPv6";
    }

    private static SourceProblem note(Service service, String message) {
        return new SourceProblem(service.metadata().origin(), service.key().toString(), "", message);
    }
}
