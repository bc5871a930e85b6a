package heddle.core.internal;

import heddle.api.model.ParentRef;
import heddle.api.model.Route;
import heddle.api.model.Service;
import heddle.api.model.ServicePort;
import java.util.List;
import java.util.Optional;

/** What became of one parentRef that names an existing Service.
 *  @param ports     the Service's ports on which the route is in its set; empty when it was not accepted
 *  @param reason    of the Accepted condition
 *  @param message   a sentence; notes for an accepted one
 *  @param selector  the clients that the route is narrowed to */
record Attachment(Route route, ParentRef ref, Service service, List<ServicePort> ports, String reason, String message, Optional<ClientSelector> selector) {
    static final String ACCEPTED = "Accepted";

    boolean accepted() {
        return reason.equals(ACCEPTED);
    }

    boolean consumer() {
        return !route.namespace().equals(service.namespace());
    }

    SetId set() {
        return new SetId(consumer(), selector.isPresent(), consumer() ? route.namespace() : "");
    }
}
