#set($group = $groupId.toLowerCase().replaceAll("[^a-z0-9.-]", "-"))
package ${package};

import heddle.api.identity.Client;
import heddle.api.match.PredicateFactory;
import heddle.api.match.RequestHead;
import heddle.api.model.CustomObject;
import java.util.function.Predicate;
import org.osgi.service.component.annotations.Component;

/** Matches requests of clients whose workload has the label {@code tier} with the given value. Take it as the place for your own. */
@Component
public final class TierMatch implements PredicateFactory {
    static final String TYPE = "${group}/TierMatch";

    @Override public String type() {
        return TYPE;
    }

    /** The predicate runs on event loops: it must not block, and says no rather than throw. */
    @Override public Predicate<RequestHead> create(CustomObject resource) {
        if (!(resource.spec().get("tier") instanceof String tier) || tier.isEmpty()) {
            throw new IllegalArgumentException("spec.tier: " + resource.spec().get("tier") + " (expected: a label's value) in " + resource.key());
        }
        return head -> head.client() instanceof Client.Known known && tier.equals(known.labels().get("tier"));
    }
}
