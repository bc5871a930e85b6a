package heddle.policy.internal.balance;

import heddle.api.policy.Backend;
import heddle.api.policy.LoadBalancer;
import heddle.api.policy.LoadBalancerFactory;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.osgi.service.component.annotations.Component;

/** {@code least-request}. */
@Component
public final class LeastRequestFactory implements LoadBalancerFactory {
    @Override public String name() {
        return "least-request";
    }

    @Override public LoadBalancer create(Backend backend, Map<String, String> annotations) {
        return new LeastRequest(System::nanoTime, bound -> ThreadLocalRandom.current().nextInt(bound));
    }
}
