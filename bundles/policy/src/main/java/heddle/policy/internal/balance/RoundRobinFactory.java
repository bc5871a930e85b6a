package heddle.policy.internal.balance;

import heddle.api.policy.Backend;
import heddle.api.policy.Endpoint;
import heddle.api.policy.LoadBalancer;
import heddle.api.policy.LoadBalancerFactory;
import heddle.api.policy.PickContext;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** {@code round-robin}: each event loop goes round on its own ({@link Turns}), so that loops share no counter. */
@Component
public final class RoundRobinFactory implements LoadBalancerFactory {
    @Override public String name() {
        return "round-robin";
    }

    @Override public LoadBalancer create(Backend backend, Map<String, String> annotations) {
        return new RoundRobin();
    }

    static final class RoundRobin implements LoadBalancer {
        private final Turns turns = new Turns();

        @Override public Endpoint pick(PickContext context) {
            List<Endpoint> ready = context.ready();
            int size = ready.size();
            int start = Math.floorMod(turns.next(), size);
            Endpoint endpoint = ready.get(start);
            List<Endpoint> tried = context.tried();
            for (int i = 1; i < size && tried.contains(endpoint); i++) endpoint = ready.get((start + i) % size);
            return endpoint;
        }

        @Override public void update(List<Endpoint> ready) {}
    }
}
