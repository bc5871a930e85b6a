package heddle.api.policy;

import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/** Makes load balancers; chosen by name ({@code heddle.io/load-balancer} on a Service, else the setting {@code loadBalancer}). */
@ConsumerType
public interface LoadBalancerFactory {
    /** {@code round-robin}, {@code least-request}, … */
    String name();

    /** @param annotations the Service's annotations that start with {@code heddle.io/}, for the balancer's settings */
    LoadBalancer create(Backend backend, Map<String, String> annotations);
}
