package heddle.policy.internal.balance;

import heddle.api.policy.Backend;
import heddle.api.policy.LoadBalancer;
import heddle.api.policy.LoadBalancerFactory;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** {@code ring-hash}: equal requests go to the same endpoint. Annotation {@code heddle.io/hash-on}: {@code source} (the default),
 *  {@code header:NAME} or {@code cookie:NAME}; a request without that header or cookie goes by its source. */
@Component
public final class RingHashFactory implements LoadBalancerFactory {
    static final String HASH_ON = "heddle.io/hash-on";

    @Override public String name() {
        return "ring-hash";
    }

    @Override public LoadBalancer create(Backend backend, Map<String, String> annotations) {
        return new RingHash(HashKey.parse(annotations.getOrDefault(HASH_ON, "source")));
    }
}
