package heddle.core.internal;

import heddle.api.model.Route;
import heddle.api.model.ServicePort;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The accepted attachments sorted into the sets of each Service port (SPEC.md P1 to P4). */
final class RouteSets {
    /** One route of a set, once, however many of its parentRefs lead here. */
    record Member(Route route, Attachment attachment) {}

    private final Map<FrontendKey, Map<SetId, List<Member>>> sets = new LinkedHashMap<>();

    void add(Attachment attachment) {
        ServiceName service = ServiceName.of(attachment.service());
        for (ServicePort port : attachment.ports()) {
            FrontendKey key = new FrontendKey(service, port.port(), port.protocol());
            List<Member> members = sets.computeIfAbsent(key, each -> new LinkedHashMap<>()).computeIfAbsent(attachment.set(), each -> new ArrayList<>());
            // one route's attachments come one after the other
            if (members.isEmpty() || members.getLast().route() != attachment.route()) members.add(new Member(attachment.route(), attachment));
        }
    }

    Map<SetId, List<Member>> of(FrontendKey key) {
        return sets.getOrDefault(key, Map.of());
    }
}
