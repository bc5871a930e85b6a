package heddle.core.internal;

import heddle.api.model.GrpcRoute;
import heddle.api.model.HttpRoute;
import heddle.api.model.ParentRef;
import heddle.api.model.Route;
import heddle.api.model.Service;
import heddle.api.model.ServicePort;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Ties routes to the Service ports that their parentRefs name (SPEC.md §1). Remembers what became of a route while it and its Services
 *  are the same instances. On the assembler thread. */
final class Attachments {
    private record Known(Route route, List<Optional<Service>> parents, List<Attachment> attachments) {}

    private Map<Object, Known> known = new HashMap<>();
    private Map<Object, Known> next = new HashMap<>();

    /** One entry for each parentRef that names an existing Service; others get none (SPEC.md A2, A5, A15). */
    List<Attachment> of(Route route, World world) {
        List<Optional<Service>> parents = new ArrayList<>(route.parentRefs().size());
        for (ParentRef ref : route.parentRefs()) {
            parents.add(ref.isService() ? world.service(new ServiceName(ref.namespace().orElse(route.namespace()), ref.name())) : Optional.empty());
        }
        Known before = known.get(route.key());
        Known now = before != null && before.route() == route && same(before.parents(), parents) ? before
                : new Known(route, parents, attach(route, parents));
        next.put(route.key(), now);
        return now.attachments();
    }

    /** Ends a build: forgets the routes that it did not ask for. */
    void end() {
        known = next;
        next = new HashMap<>(known.size() * 2);
    }

    private static boolean same(List<Optional<Service>> one, List<Optional<Service>> other) {
        if (one.size() != other.size()) return false;
        for (int i = 0; i < one.size(); i++) if (one.get(i).orElse(null) != other.get(i).orElse(null)) return false;
        return true;
    }

    private static List<Attachment> attach(Route route, List<Optional<Service>> parents) {
        List<Attachment> made = new ArrayList<>();
        for (int i = 0; i < parents.size(); i++) {
            ParentRef ref = route.parentRefs().get(i);
            parents.get(i).ifPresent(service -> made.add(attach(route, ref, service)));
        }
        return List.copyOf(made);
    }

    private static Attachment attach(Route route, ParentRef ref, Service service) {
        Optional<ClientSelector> selector;
        try {
            selector = ClientSelector.of(route);
        } catch (IllegalArgumentException e) {
            return refused(route, ref, service, "UnsupportedValue", e.getMessage());
        }
        if (service.type().equals("ExternalName") || service.headless() || service.clusterIps().isEmpty()) {
            return refused(route, ref, service, "NoMatchingParent", "Service " + ServiceName.of(service) + " is "
                    + (service.type().equals("ExternalName") ? "of type ExternalName" : "headless") + " and has no address that routes could apply to");
        }
        if (service.sessionAffinity().equals("ClientIP") && hasSession(route)) {
            return refused(route, ref, service, "UnsupportedValue", "sessionPersistence and the Service's sessionAffinity ClientIP exclude each other");
        }
        RouteKind kind = RouteKind.of(route);
        List<ServicePort> named = service.ports().stream().filter(port -> named(ref, port)).toList();
        List<ServicePort> transport = named.stream().filter(port -> port.protocol().equals(kind.protocol())).toList();
        List<ServicePort> ports = transport.stream().filter(kind::appliesTo).toList();
        if (!ports.isEmpty()) return new Attachment(route, ref, service, ports, Attachment.ACCEPTED, notes(route, transport, ports), selector);
        if (named.isEmpty()) return refused(route, ref, service, "NoMatchingParent", "Service " + ServiceName.of(service) + " has no port " + wanted(ref));
        if (transport.isEmpty()) {
            return refused(route, ref, service, "NoMatchingParent", "Service " + ServiceName.of(service) + " has no " + kind.protocol() + " port " + wanted(ref));
        }
        return refused(route, ref, service, "NoMatchingParent", "port " + list(transport) + " of Service " + ServiceName.of(service)
                + " speaks no HTTP (appProtocol " + transport.getFirst().appProtocol().orElse("") + ")");
    }

    private static boolean named(ParentRef ref, ServicePort port) {
        boolean number = ref.port().isEmpty() || ref.port().getAsInt() == port.port();
        return number && ref.sectionName().map(port.name()::equals).orElse(true);
    }

    private static String wanted(ParentRef ref) {
        String number = ref.port().isPresent() ? Integer.toString(ref.port().getAsInt()) : "";
        return (number + " " + ref.sectionName().map(name -> "named " + name).orElse("")).strip();
    }

    private static String notes(Route route, List<ServicePort> transport, List<ServicePort> ports) {
        List<String> notes = new ArrayList<>();
        if (ignoresHostnames(route)) notes.add("spec.hostnames is ignored in a mesh; match the Host header instead");
        List<ServicePort> left = transport.stream().filter(port -> !ports.contains(port)).toList();
        if (!left.isEmpty()) notes.add("not applied to port " + list(left) + ", which speaks no HTTP");
        if (!route.warnings().isEmpty()) notes.add(route.warnings().size() + " unknown field" + (route.warnings().size() > 1 ? "s" : "") + " ignored");
        return String.join("; ", notes);
    }

    static boolean ignoresHostnames(Route route) {
        return switch (route) {
            case HttpRoute http -> !http.hostnames().isEmpty();
            case GrpcRoute grpc -> !grpc.hostnames().isEmpty();
            default -> false;
        };
    }

    private static boolean hasSession(Route route) {
        return switch (route) {
            case HttpRoute http -> http.rules().stream().anyMatch(rule -> rule.sessionPersistence().isPresent());
            case GrpcRoute grpc -> grpc.rules().stream().anyMatch(rule -> rule.sessionPersistence().isPresent());
            default -> false;
        };
    }

    static String list(List<ServicePort> ports) {
        return ports.stream().map(port -> Integer.toString(port.port())).collect(Collectors.joining(", "));
    }

    private static Attachment refused(Route route, ParentRef ref, Service service, String reason, String message) {
        return new Attachment(route, ref, service, List.of(), reason, message, Optional.empty());
    }
}
