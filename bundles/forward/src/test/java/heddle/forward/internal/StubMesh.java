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
import heddle.api.plan.RequestLog;
import heddle.api.plan.RetryBudget;
import heddle.api.plan.RetryPolicy;
import heddle.api.plan.RulePlan;
import heddle.api.plan.Sessions;
import heddle.api.plan.Split;
import heddle.api.plan.UpstreamTls;
import heddle.api.policy.Backend;
import heddle.api.policy.Endpoint;
import heddle.api.policy.Filter;
import heddle.api.policy.LoadBalancer;
import heddle.api.policy.Outcome;
import heddle.api.policy.PickContext;
import heddle.api.telemetry.ExchangeRecorder;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A mesh of one Service port, one rule, one backend; every part can be changed by a test. */
final class StubMesh implements MeshView {
    volatile long generation = 1;
    volatile ClientPlan plan;
    volatile boolean gone;
    volatile int ruleIndex;
    /** Off for measurements: the lists of ends are copied at each end. */
    volatile boolean recording = true;
    final Rule rule = new Rule();
    final Target target = new Target();
    volatile RequestLog log = RequestLog.OFF;
    /** Asked in front of each match. */
    volatile Runnable matching = () -> {};
    /** Asked for each connection. */
    volatile Runnable identifying = () -> {};
    final List<String> ends = new CopyOnWriteArrayList<>();

    StubMesh(ClientPlan.Expect expect, InetSocketAddress... endpoints) {
        target.endpoints(endpoints);
        plan = new ClientPlan.Http("producer", false, expect, new Table(), List.of(rule), Failure.NO_ROUTE, () -> target);
    }

    StubMesh(InetSocketAddress... endpoints) {
        this(ClientPlan.Expect.HTTP, endpoints);
    }

    void relay() {
        plan = new ClientPlan.Relay("", () -> target);
        generation++;
    }

    @Override public long generation() {
        return generation;
    }

    @Override public Optional<FrontendPlan> frontend(InetSocketAddress destination) {
        if (gone) return Optional.empty();
        return Optional.of(new FrontendPlan() {
            @Override public String service() {
                return "shop/front";
            }

            @Override public int port() {
                return 80;
            }

            @Override public RequestLog log() {
                return log;
            }

            @Override public ClientPlan forClient(Client client) {
                return plan;
            }
        });
    }

    @Override public IdentityProvider identity() {
        return origin -> {
            identifying.run();
            return Client.UNKNOWN;
        };
    }

    final class Table implements RouteTable {
        @Override public int match(RequestHead head) {
            head.path();
            matching.run();
            return head.path().startsWith("/none") ? NO_MATCH : ruleIndex;
        }

        @Override public Explanation explain(RequestHead head) {
            throw new UnsupportedOperationException();
        }
    }

    final class Rule implements RulePlan, ExchangeRecorder {
        volatile List<Filter> filters = List.of();
        volatile Failure failure = Failure.NONE;
        volatile long requestTimeout;
        volatile long backendTimeout;
        volatile Optional<RetryPolicy> retry = Optional.empty();
        volatile Optional<Sessions> sessions = Optional.empty();
        final AtomicInteger leases = new AtomicInteger();

        @Override public String route() {
            return "HTTPRoute shop/front";
        }

        @Override public String rule() {
            return "0";
        }

        @Override public Failure failure() {
            return failure;
        }

        @Override public List<Filter> filters() {
            return filters;
        }

        @Override public Split split() {
            return () -> target;
        }

        @Override public long requestTimeoutNanos() {
            return requestTimeout;
        }

        @Override public long backendTimeoutNanos() {
            return backendTimeout;
        }

        @Override public Optional<RetryPolicy> retry() {
            return retry;
        }

        @Override public Optional<Sessions> sessions() {
            return sessions;
        }

        @Override public ExchangeRecorder recorder() {
            return this;
        }

        @Override public void begin(int loop) {
            leases.incrementAndGet();
        }

        @Override public void end(int loop) {
            leases.decrementAndGet();
        }

        @Override public void end(Backend backend, int status, Outcome outcome, long nanos) {
            if (recording) ends.add(status + " " + outcome);
        }
    }

    final class Target implements BackendPlan, LoadBalancer, RetryBudget {
        volatile boolean overBudget;
        final AtomicInteger requests = new AtomicInteger();
        final List<Integer> statuses = new CopyOnWriteArrayList<>();
        volatile Failure failure = Failure.NONE;
        volatile List<Endpoint> ready = List.of();
        volatile List<Filter> filters = List.of();
        volatile Optional<UpstreamTls> tls = Optional.empty();
        volatile Protocol protocol = Protocol.HTTP1;
        final AtomicInteger picks = new AtomicInteger();
        /** Picks instead; null: those that are ready in turn. */
        volatile @Nullable Supplier<@Nullable Endpoint> picking;
        final List<String> ends = new CopyOnWriteArrayList<>();

        void endpoints(InetSocketAddress... addresses) {
            List<Endpoint> now = new ArrayList<>();
            for (InetSocketAddress address : addresses) now.add(new Endpoint(address, "", ""));
            ready = List.copyOf(now);
        }

        @Override public String name() {
            return "shop/back:80";
        }

        @Override public Failure failure() {
            return failure;
        }

        @Override public Protocol protocol() {
            return protocol;
        }

        @Override public Optional<UpstreamTls> tls() {
            return tls;
        }

        @Override public List<Filter> filters() {
            return filters;
        }

        @Override public List<Endpoint> ready() {
            return ready;
        }

        @Override public LoadBalancer balancer() {
            return this;
        }

        @Override public RetryBudget budget() {
            return this;
        }

        @Override public void request() {
            requests.incrementAndGet();
        }

        @Override public boolean retry() {
            return !overBudget;
        }

        @Override public void ended(Endpoint endpoint, Outcome outcome, int status, java.time.Duration elapsed) {
            if (recording) statuses.add(status);
        }

        @Override public Endpoint pick(PickContext context) {
            Supplier<@Nullable Endpoint> other = picking;
            if (other != null) return other.get();
            return context.ready().get(picks.getAndIncrement() % context.ready().size());
        }

        @Override public void update(List<Endpoint> now) {}

        @Override public void onEnd(Endpoint endpoint, Outcome outcome, java.time.Duration elapsed) {
            if (recording) ends.add(outcome.name());
        }

        @Override public void close() {}
    }
}
