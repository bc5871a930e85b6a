package heddle.forward.internal;

import heddle.api.identity.Client;
import heddle.api.identity.IdentityProvider;
import heddle.api.match.Explanation;
import heddle.api.match.RequestHead;
import heddle.api.match.RouteTable;
import heddle.api.plan.BackendPlan;
import heddle.api.plan.ClientPlan;
import heddle.api.plan.Failure;
import heddle.api.plan.FrontendPlan;
import heddle.api.plan.MeshView;
import heddle.api.plan.RetryPolicy;
import heddle.api.plan.RulePlan;
import heddle.api.plan.Split;
import heddle.api.plan.UpstreamTls;
import heddle.api.policy.Endpoint;
import heddle.api.policy.Filter;
import heddle.api.policy.LoadBalancer;
import heddle.api.policy.PickContext;
import heddle.api.telemetry.ExchangeRecorder;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What {@link WarmUp}'s requests meet: one Service port with one rule and one endpoint. Immutable. */
final class WarmMesh implements MeshView, FrontendPlan, RulePlan, BackendPlan, LoadBalancer, RouteTable {
    private final List<Endpoint> endpoints;
    private final ClientPlan plan;

    WarmMesh(InetSocketAddress backend) {
        endpoints = List.of(new Endpoint(backend, "", ""));
        plan = new ClientPlan.Http("producer", false, ClientPlan.Expect.DETECT, this, List.of(this), Failure.NO_ROUTE, split());
    }

    @Override public long generation() {
        return 1;
    }

    @Override public Optional<FrontendPlan> frontend(InetSocketAddress destination) {
        return Optional.of(this);
    }

    @Override public IdentityProvider identity() {
        return origin -> Client.UNKNOWN;
    }

    @Override public String service() {
        return "heddle/warm-up";
    }

    @Override public int port() {
        return 80;
    }

    @Override public ClientPlan forClient(Client client) {
        return plan;
    }

    @Override public int match(RequestHead head) {
        return head.path().equals("/none") ? NO_MATCH : 0;
    }

    @Override public Explanation explain(RequestHead head) {
        throw new UnsupportedOperationException();
    }

    @Override public String route() {
        return "HTTPRoute heddle/warm-up";
    }

    @Override public String rule() {
        return "0";
    }

    @Override public Failure failure() {
        return Failure.NONE;
    }

    @Override public List<Filter> filters() {
        return List.of();
    }

    @Override public Split split() {
        return () -> this;
    }

    @Override public long requestTimeoutNanos() {
        return TimeUnit.SECONDS.toNanos(10);
    }

    @Override public long backendTimeoutNanos() {
        return 0;
    }

    @Override public Optional<RetryPolicy> retry() {
        return Optional.empty();
    }

    @Override public ExchangeRecorder recorder() {
        return (backend, status, outcome, nanos) -> { };
    }

    @Override public void begin(int loop) {}

    @Override public void end(int loop) {}

    @Override public String name() {
        return "heddle/warm-up:80";
    }

    @Override public Protocol protocol() {
        return Protocol.HTTP1;
    }

    @Override public Optional<UpstreamTls> tls() {
        return Optional.empty();
    }

    @Override public List<Endpoint> ready() {
        return endpoints;
    }

    @Override public LoadBalancer balancer() {
        return this;
    }

    @Override public Endpoint pick(PickContext context) {
        return context.ready().getFirst();
    }

    @Override public void update(List<Endpoint> ready) {}
}
