package heddle.core.internal;

import heddle.api.model.EndpointSlice;
import heddle.api.model.Service;
import heddle.api.model.ServicePort;
import heddle.api.policy.LoadBalancerFactory;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The pools of all backends, carried from build to build while balancer and settings stay the same. On the assembler thread. */
final class BackendPools {
    static final String BALANCER = "heddle.io/load-balancer";
    /** Honours a Service's {@code sessionAffinity: ClientIP} (SPEC.md T9). */
    private static final String BY_SOURCE = "ring-hash";
    private static final String OURS = "heddle.io/";

    private record Key(ServiceName service, int port, String protocol) {}

    /** What a pool's endpoints were read from last. */
    private record Seen(Optional<ServicePort> port, List<EndpointSlice> slices) {
        boolean same(Optional<ServicePort> otherPort, List<EndpointSlice> other) {
            if (!port.equals(otherPort) || slices.size() != other.size()) return false;
            for (int i = 0; i < slices.size(); i++) if (slices.get(i) != other.get(i)) return false;
            return true;
        }
    }

    private final Whiteboard<LoadBalancerFactory> factories;
    private final Map<Key, BackendPool> current = new HashMap<>();
    private final Map<BackendPool, Seen> all = new IdentityHashMap<>();
    private final Map<Service, Optional<LoadBalancerFactory>> factoryOf = new IdentityHashMap<>();
    private Settings settings = Settings.DEFAULT;

    BackendPools(Whiteboard<LoadBalancerFactory> factories) {
        this.factories = factories;
    }

    /** Starts a build: what {@link #pool} found out about Services and factories is asked anew. */
    void begin(Settings now) {
        settings = now;
        factoryOf.clear();
    }

    BackendPool pool(Service service, ServicePort port) {
        Key key = new Key(ServiceName.of(service), port.port(), port.protocol());
        BackendPool known = current.get(key);
        Optional<LoadBalancerFactory> factory = factoryOf.computeIfAbsent(service, this::factory);
        if (known != null && known.spec().factory().equals(factory) && sameAnnotations(known, service)) return known;
        BackendPool made = new BackendPool(new BackendPool.Spec(key.service(), key.port(), key.protocol(), factory, balancer(service), annotations(service), byClientAddress(service)));
        current.put(key, made);
        all.put(made, new Seen(Optional.empty(), List.of()));
        return made;
    }

    /** Brings every pool's endpoints up to date. Returns whether any changed. */
    boolean refresh(World world) {
        boolean changed = false;
        for (Map.Entry<BackendPool, Seen> entry : all.entrySet()) {
            BackendPool.Spec spec = entry.getKey().spec();
            Optional<ServicePort> port = world.service(spec.service()).flatMap(service -> service.ports().stream()
                    .filter(each -> each.port() == spec.port() && each.protocol().equals(spec.protocol())).findFirst());
            List<EndpointSlice> slices = port.isPresent() ? world.slices(spec.service()) : List.of();
            if (entry.getValue().same(port, slices)) continue;
            entry.setValue(new Seen(port, slices));
            changed |= entry.getKey().update(port.map(each -> EndpointList.ready(each, slices)).orElse(List.of()));
        }
        return changed;
    }

    /** Closes the pools that no plan uses any more. */
    void sweep() {
        for (Iterator<BackendPool> pools = all.keySet().iterator(); pools.hasNext(); ) {
            BackendPool pool = pools.next();
            if (!pool.unused()) continue;
            pools.remove();
            current.remove(new Key(pool.spec().service(), pool.spec().port(), pool.spec().protocol()), pool);
            pool.close();
        }
    }

    /** Whether a balancer of the factory still serves some plan, live or draining. */
    boolean uses(LoadBalancerFactory factory) {
        return all.keySet().stream().anyMatch(pool -> pool.madeBy(factory));
    }

    private String balancer(Service service) {
        return service.metadata().annotation(BALANCER).orElse(byClientAddress(service) ? BY_SOURCE : settings.loadBalancer());
    }

    private static boolean byClientAddress(Service service) {
        return service.sessionAffinity().equals("ClientIP");
    }

    private Optional<LoadBalancerFactory> factory(Service service) {
        String wanted = balancer(service);
        return factories.best(factory -> factory.name().equals(wanted)).or(() -> factories.best(factory -> factory.name().equals(settings.loadBalancer())));
    }

    private boolean sameAnnotations(BackendPool pool, Service service) {
        return pool.spec().balancer().equals(balancer(service)) && pool.spec().annotations().equals(annotations(service))
                && pool.spec().byClientAddress() == byClientAddress(service);
    }

    private static Map<String, String> annotations(Service service) {
        if (service.metadata().annotations().isEmpty()) return Map.of();
        return service.metadata().annotations().entrySet().stream().filter(entry -> entry.getKey().startsWith(OURS))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
