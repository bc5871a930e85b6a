package heddle.forward.internal;

import heddle.api.identity.Client;
import heddle.api.plan.Failure;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The forwarder's clients by namespace, while there is a quota; those that nobody knows are one tenant. Any thread. */
final class Tenants {
    static final Failure OVER = new Failure(503, 8, "quota", "the clients of this namespace have used up their quota of this node's mesh");
    static final String UNKNOWN = "unknown";

    /** What the clients of one namespace may have at once; 0: no limit. */
    record Quota(int connections, int requests, int bytes) {
        boolean any() {
            return connections > 0 || requests > 0 || bytes > 0;
        }
    }

    private final Supplier<Settings> settings;
    private final Map<String, Tenant> all = new ConcurrentHashMap<>();
    private final int loops;

    Tenants(int loops, Supplier<Settings> settings) {
        this.loops = loops;
        this.settings = settings;
    }

    /** Of a new connection; null: nothing is limited. */
    @Nullable Tenant of(Client client) {
        if (!quota().any()) return null;
        String namespace = client.namespace().isEmpty() ? UNKNOWN : client.namespace();
        Tenant known = all.get(namespace);
        return known != null ? known : all.computeIfAbsent(namespace, each -> new Tenant(loops));
    }

    Quota quota() {
        return settings.get().quota();
    }

    Map<String, Tenant> all() {
        return all;
    }
}
