package heddle.source.file.internal;

import heddle.api.model.ObjectKey;
import heddle.api.model.Service;
import heddle.api.source.SourceProblem;
import heddle.gateway.ServiceDetails;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Gives Services without clusterIP an address and keeps it theirs: by hash of the name, so that it is the same after a restart; one that
 *  had to step aside is remembered through {@link AddressMemory}. One thread. */
final class ClusterAddresses {
    private final AddressRange v4;
    private final Optional<AddressRange> v6;
    private final AddressMemory memory;

    /** The Services in force with their addresses, and those that could not be given any. */
    record Given(Map<ObjectKey, Service> services, List<SourceProblem> problems) {}

    private final Map<ObjectKey, Service> last = new HashMap<>();

    ClusterAddresses(AddressRange v4, Optional<AddressRange> v6, AddressMemory memory) {
        this.v4 = v4;
        this.v6 = v6;
        this.memory = memory;
    }

    Given give(Collection<Service> services, Map<ObjectKey, ServiceDetails> details) {
        List<SourceProblem> problems = new ArrayList<>();
        Map<InetAddress, ObjectKey> taken = new HashMap<>();
        Map<ObjectKey, Service> sorted = new TreeMap<>();
        Map<ObjectKey, Service> given = new HashMap<>();
        for (Service service : services) {
            Optional<InetAddress> clash = service.clusterIps().stream().filter(taken::containsKey).findFirst();
            if (clash.isPresent()) {
                problems.add(problem(service, "spec.clusterIP", clash.get().getHostAddress() + " is the address of " + taken.get(clash.get())
                        + " (expected: an address that no other Service has); it is not in force"));
                continue;
            }
            service.clusterIps().forEach(address -> taken.put(address, service.key()));
            sorted.put(service.key(), service);
        }
        // an address once given stays, whoever comes later
        sorted.values().forEach(service -> wanted(service, details, problems).forEach((family, range) -> {
            memory.of(service.key(), family).filter(address -> range.contains(address) && !taken.containsKey(address))
                    .ifPresent(address -> taken.put(address, service.key()));
        }));
        for (Service service : sorted.values()) {
            List<InetAddress> addresses = new ArrayList<>(service.clusterIps());
            wanted(service, details, new ArrayList<>()).forEach((family, range) -> {
                Optional<InetAddress> kept = memory.of(service.key(), family).filter(address -> service.key().equals(taken.get(address)));
                try {
                    InetAddress address = kept.orElseGet(() -> range.pick(service.key().path(), taken::containsKey));
                    taken.put(address, service.key());
                    memory.put(service.key(), family, address);
                    addresses.add(address);
                } catch (IllegalStateException full) {
                    problems.add(problem(service, "spec.clusterIP", "cannot be given: " + full.getMessage() + " (expected: a wider serviceRange)"));
                }
            });
            given.put(service.key(), same(service, addresses));
        }
        last.keySet().retainAll(given.keySet());
        last.putAll(given);
        return new Given(given, problems);
    }

    /** The families for which the Service still needs an address, in the order that it wants them. */
    private Map<String, AddressRange> wanted(Service service, Map<ObjectKey, ServiceDetails> all, List<SourceProblem> problems) {
        Map<String, AddressRange> wanted = new java.util.LinkedHashMap<>();
        if (service.headless() || service.type().equals("ExternalName")) {
            return wanted;
        }
        ServiceDetails details = all.getOrDefault(service.key(), ServiceDetails.DEFAULT);
        boolean dual = !details.ipFamilyPolicy().equals("SingleStack");
        List<String> families = new ArrayList<>(details.ipFamilies().isEmpty() ? List.of("IPv4") : details.ipFamilies());
        if (dual && families.size() == 1) {
            families.add(families.getFirst().equals("IPv4") ? "IPv6" : "IPv4");
        }
        boolean must = !details.ipFamilies().isEmpty() || details.ipFamilyPolicy().equals("RequireDualStack");
        for (String family : families) {
            if (service.clusterIps().stream().anyMatch(address -> address instanceof Inet4Address == family.equals("IPv4"))) {
                continue;
            }
            if (!dual && !service.clusterIps().isEmpty()) {
                continue;
            }
            Optional<AddressRange> range = family.equals("IPv4") ? Optional.of(v4) : v6;
            if (range.isPresent()) {
                wanted.put(family, range.get());
            } else if (must) {
                problems.add(problem(service, "spec.ipFamilies", "IPv6 is asked for, but no range is set (expected: serviceRange6, or a clusterIP)"));
            }
        }
        return wanted;
    }

    /** The instance from before where nothing changed. */
    private Service same(Service service, List<InetAddress> addresses) {
        if (addresses.equals(service.clusterIps())) {
            return service;
        }
        Service made = new Service(service.metadata(), service.type(), addresses, false, service.ports(), service.selector(), service.sessionAffinity(),
                service.trafficDistribution());
        Service before = last.get(service.key());
        return before != null && made.equals(before) ? before : made;
    }

    private static SourceProblem problem(Service service, String field, String message) {
        return new SourceProblem(service.metadata().origin(), service.key().toString(), field, message);
    }
}
