package heddle.sample.maglev;

import heddle.api.policy.Endpoint;
import heddle.api.policy.LoadBalancer;
import heddle.api.policy.PickContext;
import java.util.List;

/** Picks by the table; when that endpoint was tried or is not ready, by the entries after it, so that its requests spread over the others. */
final class Maglev implements LoadBalancer {
    private final String header;
    private volatile Table table = new Table(List.of());

    /** @param header whose value is hashed; "" = the client's address */
    Maglev(String header) {
        this.header = header;
    }

    @Override public Endpoint pick(PickContext context) {
        Table now = table;
        List<Endpoint> ready = context.ready();
        boolean current = now.endpoints.equals(ready);
        if (!current && now.endpoints.isEmpty()) table = now = new Table(ready);
        long hash = Hash.of(key(context), 0);
        for (int step = 0; step < now.size(); step++) {
            Endpoint endpoint = now.at(hash, step);
            if ((current || ready.contains(endpoint)) && !context.tried().contains(endpoint)) return endpoint;
        }
        // all were tried, or the list is wholly another than the table's
        int from = (int) Long.remainderUnsigned(hash, ready.size());
        for (int i = 0; i < ready.size(); i++) {
            Endpoint endpoint = ready.get((from + i) % ready.size());
            if (!context.tried().contains(endpoint)) return endpoint;
        }
        return ready.get(from);
    }

    private String key(PickContext context) {
        String value = header.isEmpty() || context.head().isEmpty() ? "" : context.head().get().header(header);
        return value.isEmpty() ? context.source() : value;
    }

    @Override public void update(List<Endpoint> ready) {
        table = new Table(ready);
    }
}
