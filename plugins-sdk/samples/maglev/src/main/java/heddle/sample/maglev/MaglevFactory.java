package heddle.sample.maglev;

import heddle.api.policy.Backend;
import heddle.api.policy.LoadBalancer;
import heddle.api.policy.LoadBalancerFactory;
import java.util.Locale;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** The balancer {@code maglev}: annotation {@code heddle.io/load-balancer: maglev} on a Service. What is hashed says
 *  {@code heddle.io/maglev-key}: {@code source} (the client's address, the default) or {@code header:NAME}. */
@Component
public final class MaglevFactory implements LoadBalancerFactory {
    static final String KEY = "heddle.io/maglev-key";

    @Override public String name() {
        return "maglev";
    }

    @Override public LoadBalancer create(Backend backend, Map<String, String> annotations) {
        String key = annotations.getOrDefault(KEY, "source");
        if (key.equals("source")) return new Maglev("");
        if (key.startsWith("header:") && key.length() > 7) return new Maglev(key.substring(7).toLowerCase(Locale.ROOT));
        throw new IllegalArgumentException(KEY + ": " + key + " (expected: source or header:NAME) of " + backend.name());
    }
}
