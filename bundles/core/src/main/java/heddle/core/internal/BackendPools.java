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
    private record Seen(Optional<ServicePort> port, List<EndpointSlice> slices, String distribution, Nearest.Here here) {
        boolean same(Optional<ServicePort> otherPort, List<EndpointSlice> other, String otherDistribution, Nearest.Here otherHere) {
            if (!port.equals(otherPort) || !distribution.equals(otherDistribution) || !here.equals(otherHere) || slices.size() != other.size()) return false;
            for (int i = 0; i < slices.size(); i++) if (slices.get(i) != other.get(i)) return false;
            return true;
        }
    }

    private final Whiteboard<LoadBalancerFactory> factories;
    private final CoreMetrics metrics;
    /** Of this node, told by the endpoints on it; "" until then. */
    private String learntZone = "";
    private final Map<Key, BackendPool> current = new HashMap<>();
    private final Map<BackendPool, Seen> all = new IdentityHashMap<>();
    private final Map<Service, Optional<LoadBalancerFactory>> factoryOf = new IdentityHashMap<>();
    private Settings settings = Settings.DEFAULT;

    BackendPools(Whiteboard<LoadBalancerFactory> factories, CoreMetrics metrics) {
        this.factories = factories;
        this.metrics = metrics;
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
        BackendPool made = new BackendPool(new BackendPool.Spec(key.service(), key.port(), key.protocol(), factory, balancer(service), annotations(service), byClientAddress(service)), metrics);
        current.put(key, made);
        all.put(made, new Seen(Optional.empty(), List.of(), "", Nearest.Here.NOWHERE));
        return made;
    }

    /** Brings every pool's endpoints up to date. Returns whether any changed. */
    boolean refresh(World world) {
        boolean changed = false;
        Nearest.Here here = here(world);
        for (Map.Entry<BackendPool, Seen> entry : all.entrySet()) {
            BackendPool.Spec spec = entry.getKey().spec();
            Optional<Service> service = world.service(spec.service());
            Optional<ServicePort> port = service.flatMap(given -> given.ports().stream()
                    .filter(each -> each.port() == spec.port() && each.protocol().equals(spec.protocol())).findFirst());
            List<EndpointSlice> slices = port.isPresent() ? world.slices(spec.service()) : List.of();
            String distribution = service.map(Service::trafficDistribution).orElse("");
            if (entry.getValue().same(port, slices, distribution, here)) continue;
            entry.setValue(new Seen(port, slices, distribution, here));
            changed |= entry.getKey().update(port.map(each -> Nearest.of(EndpointList.hinted(each, slices), distribution, here)).orElse(List.of()));
        }
        return changed;
    }

    /** The zone is the setting's, else that of the endpoints on this node, which EndpointSlices tell. */
    private Nearest.Here here(World world) {
        String node = settings.here().node();
        if (!settings.here().zone().isEmpty() || node.isEmpty()) return settings.here();
        if (learntZone.isEmpty()) {
            learntZone = world.slices().values().stream().flatMap(List::stream).flatMap(slice -> slice.endpoints().stream())
                    .filter(each -> each.node().equals(node) && !each.zone().isEmpty()).map(EndpointSlice.Entry::zone).findFirst().orElse("");
        }
        return new Nearest.Here(node, learntZone);
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
