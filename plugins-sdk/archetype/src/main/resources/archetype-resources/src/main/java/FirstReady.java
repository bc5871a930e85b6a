#set($name = $artifactId.toLowerCase().replaceAll("[^a-z0-9.-]", "-"))
package ${package};

import heddle.api.policy.Backend;
import heddle.api.policy.Endpoint;
import heddle.api.policy.LoadBalancer;
import heddle.api.policy.LoadBalancerFactory;
import heddle.api.policy.PickContext;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.osgi.service.component.annotations.Component;

/** Takes endpoints one after the other, a few requests each. Take it as the place for your own. */
@Component
public final class FirstReady implements LoadBalancerFactory {
    @Override public String name() {
        return "${name}";
    }

    /** @param annotations the Service's {@code heddle.io/} annotations, for settings of your own */
    @Override public LoadBalancer create(Backend backend, Map<String, String> annotations) {
        return new Turns();
    }

    /** Called on event loops, many at once: no locks, nothing that waits. */
    private static final class Turns implements LoadBalancer {
        private static final int EACH = 4;
        private final AtomicInteger requests = new AtomicInteger();

        @Override public Endpoint pick(PickContext context) {
            List<Endpoint> ready = context.ready();
            int start = Math.floorMod(requests.getAndIncrement() / EACH, ready.size());
            for (int i = 0; i < ready.size(); i++) {
                Endpoint endpoint = ready.get((start + i) % ready.size());
                if (!context.tried().contains(endpoint)) return endpoint;
            }
            return ready.get(start);
        }

        @Override public void update(List<Endpoint> ready) {}
    }
}
