package heddle.core.internal;

import heddle.api.policy.Endpoint;
import heddle.api.policy.LoadBalancer;
import heddle.api.policy.PickContext;
import java.util.List;

/** Takes the endpoints in turn: for the time in which no balancer factory of the wanted name is there. */
final class TurnBalancer implements LoadBalancer {
    private final WeylCursor cursor = new WeylCursor();

    @Override public Endpoint pick(PickContext context) {
        List<Endpoint> ready = context.ready();
        int first = cursor.next(ready.size());
        for (int i = 0; i < ready.size(); i++) {
            Endpoint endpoint = ready.get((first + i) % ready.size());
            if (!context.tried().contains(endpoint)) return endpoint;
        }
        return ready.get(first);
    }

    @Override public void update(List<Endpoint> ready) {}
}
