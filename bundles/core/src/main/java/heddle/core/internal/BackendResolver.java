package heddle.core.internal;

import heddle.api.model.BackendRef;
import heddle.api.model.BackendTrafficPolicy;
import heddle.api.model.ParentRef;
import heddle.api.model.ReferenceGrant;
import heddle.api.model.Route;
import heddle.api.model.RouteFilter;
import heddle.api.model.Service;
import heddle.api.model.ServicePort;
import heddle.api.model.SessionPersistence;
import heddle.api.plan.BackendPlan;
import heddle.api.plan.Failure;
import heddle.api.plan.RetryBudget;
import heddle.api.plan.UpstreamTls;
import heddle.api.policy.Filter;
import java.util.List;
import java.util.Optional;

/** Resolves backendRefs against one state of the world (SPEC.md B5, B9 to B11). An invalid one keeps its share and says why. */
final class BackendResolver {
    private final World world;
    private final Settings settings;
    private final BackendPools pools;
    private final Policies policies;

    BackendResolver(World world, Settings settings, BackendPools pools, Policies policies) {
        this.world = world;
        this.settings = settings;
        this.pools = pools;
        this.policies = policies;
    }

    /** How a route speaks to its backends. */
    enum Use { HTTP, GRPC, STREAM, DATAGRAM }

    /** How a filter speaks to its own. */
    static Use use(RouteFilter filter) {
        return filter instanceof RouteFilter.ExternalAuth auth && auth.grpc() ? Use.GRPC : Use.HTTP;
    }

    /** Why a reference does not resolve: the condition's reason and a sentence. */
    record RefProblem(String reason, String message) {}

    /** @param pool    present unless the reference is invalid
     *  @param session of the policy on the Service */
    record Resolved(String name, int weight, Failure failure, Optional<BackendPool> pool, BackendPlan.Protocol protocol, Optional<RefProblem> problem,
                    Optional<UpstreamTls> tls, RetryBudget budget, Optional<SessionPersistence> session) {
        /** Without any policy. */
        Resolved(String name, int weight, Failure failure, Optional<BackendPool> pool, BackendPlan.Protocol protocol, Optional<RefProblem> problem) {
            this(name, weight, failure, pool, protocol, problem, Optional.empty(), RetryBudget.NONE, Optional.empty());
        }

        BackendPlan plan(List<FilterCell> filters) {
            if (pool.isEmpty()) return new FailedBackend(name, failure);
            for (FilterCell cell : filters) if (cell.filter().isEmpty()) return new FailedBackend(name, Failure.FILTER);
            List<Filter> made = filters.stream().map(cell -> cell.filter().orElseThrow()).toList();
            return new PooledBackend(pool.get(), failure, protocol, tls, budget, made);
        }
    }

    Resolved resolve(Route route, BackendRef ref, Use use) {
        String namespace = ref.namespace().orElse(route.namespace());
        String name = namespace + "/" + ref.name() + (ref.port().isPresent() ? ":" + ref.port().getAsInt() : "");
        if (!ref.isService()) {
            return invalid(name, ref, "InvalidKind", "backend " + (ref.group().isEmpty() ? "" : ref.group() + "/") + ref.kind() + " " + ref.name()
                    + " is of a kind that cannot be a backend (expected: Service)");
        }
        ServiceName target = new ServiceName(namespace, ref.name());
        if (settings.strictGrants() && !namespace.equals(route.namespace()) && !ownParent(route, target) && !granted(route, target)) {
            return invalid(name, ref, "RefNotPermitted", "backend " + target + " is in another namespace and no ReferenceGrant there permits "
                    + route.key().kind() + "s of " + route.namespace());
        }
        Service service = world.service(target).orElse(null);
        if (service == null) return invalid(name, ref, "BackendNotFound", "Service " + target + " does not exist");
        if (service.type().equals("ExternalName")) {
            return invalid(name, ref, "InvalidKind", "Service " + target + " is of type ExternalName, which cannot be a backend");
        }
        if (ref.port().isEmpty()) return invalid(name, ref, "BackendNotFound", "backend " + target + " names no port");
        int number = ref.port().getAsInt();
        String protocol = use == Use.DATAGRAM ? "UDP" : "TCP";
        Optional<ServicePort> port = service.ports().stream().filter(each -> each.port() == number && each.protocol().equals(protocol)).findFirst();
        if (port.isEmpty()) {
            boolean other = service.ports().stream().anyMatch(each -> each.port() == number);
            return other ? invalid(name, ref, "UnsupportedProtocol", "port " + number + " of Service " + target + " is not a " + protocol + " port")
                    : invalid(name, ref, "BackendNotFound", "Service " + target + " has no port " + number);
        }
        return withProtocol(name, ref, use, service, port.get());
    }

    /** A Service port itself, as the target of connections that no route concerns. */
    Resolved own(Service service, ServicePort port) {
        BackendPool pool = pools.pool(service, port);
        return new Resolved(pool.name(), 1, Failure.NONE, Optional.of(pool), BackendPlan.Protocol.HTTP1, Optional.empty());
    }

    private Resolved withProtocol(String name, BackendRef ref, Use use, Service service, ServicePort port) {
        boolean http = use == Use.HTTP || use == Use.GRPC;
        Optional<TlsPolicies.InForce> tls = http ? policies.tls().of(ServiceName.of(service), port) : Optional.empty();
        Optional<BackendPlan.Protocol> protocol = switch (use) {
            case HTTP -> AppProtocol.upstream(port, false, tls.isPresent());
            case GRPC -> AppProtocol.upstream(port, true, tls.isPresent());
            case STREAM, DATAGRAM -> Optional.of(BackendPlan.Protocol.HTTP1);
        };
        if (protocol.isEmpty()) {
            return invalid(name, ref, "UnsupportedProtocol", "appProtocol " + port.appProtocol().orElse("") + " of " + name
                    + " is not one that " + (use == Use.GRPC ? "a GRPCRoute" : "an HTTPRoute") + " can speak"
                    + (port.appProtocol().orElse("").matches("(kubernetes.io/)?wss|https") ? " without a BackendTLSPolicy" : ""));
        }
        if (tls.isPresent() && tls.get().tls().isEmpty()) {
            return new Resolved(name, ref.weight(), Failure.BACKEND_TLS, Optional.empty(), protocol.get(), Optional.empty());
        }
        return new Resolved(name, ref.weight(), Failure.NONE, Optional.of(pools.pool(service, port)), protocol.get(), Optional.empty(),
                tls.flatMap(TlsPolicies.InForce::tls), http ? policies.budget(service) : RetryBudget.NONE,
                http ? policies.traffic(service).flatMap(BackendTrafficPolicy::sessionPersistence) : Optional.empty());
    }

    private static Resolved invalid(String name, BackendRef ref, String reason, String message) {
        return new Resolved(name, ref.weight(), Failure.INVALID_BACKEND, Optional.empty(), BackendPlan.Protocol.HTTP1,
                Optional.of(new RefProblem(reason, message)));
    }

    private static boolean ownParent(Route route, ServiceName target) {
        return route.parentRefs().stream().anyMatch(parent -> parent.isService() && parent.name().equals(target.name())
                && parent.namespace().orElse(route.namespace()).equals(target.namespace()));
    }

    /** Entries are OR-ed, and the world is the present one, so a grant that goes revokes at once (SPEC.md B10). */
    private boolean granted(Route route, ServiceName target) {
        for (ReferenceGrant grant : world.grants()) {
            if (!grant.namespace().equals(target.namespace())) continue;
            boolean from = grant.from().stream().anyMatch(each -> each.group().equals(ParentRef.GATEWAY_GROUP)
                    && each.kind().equals(route.key().kind()) && each.namespace().equals(route.namespace()));
            boolean to = grant.to().stream().anyMatch(each -> each.group().isEmpty() && each.kind().equals("Service")
                    && each.name().map(target.name()::equals).orElse(true));
            if (from && to) return true;
        }
        return false;
    }
}
