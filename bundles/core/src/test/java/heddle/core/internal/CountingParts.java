package heddle.core.internal;

import heddle.api.match.Candidate;
import heddle.api.match.Compiled;
import heddle.api.match.RouteCompiler;
import heddle.api.policy.Backend;
import heddle.api.policy.Endpoint;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.FilterFactory;
import heddle.api.policy.FilterSpec;
import heddle.api.policy.InvalidFilterException;
import heddle.api.policy.LoadBalancer;
import heddle.api.policy.LoadBalancerFactory;
import heddle.api.policy.PickContext;
import heddle.api.policy.RequestEdit;
import heddle.match.internal.TrieRouteCompiler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Parts that remember what was made of them. */
final class CountingParts {
    private CountingParts() {}

    static final class Filters implements FilterFactory {
        private final String type;
        final List<Made> made = new ArrayList<>();
        /** Whether something is being made, and what that waits for. */
        volatile boolean entered;
        volatile CountDownLatch making = new CountDownLatch(0);
        volatile @Nullable Error broken;

        Filters(String type) {
            this.type = type;
        }

        @Override public String type() {
            return type;
        }

        @Override public Filter create(FilterSpec spec) throws InvalidFilterException {
            if (spec.where().contains("bad")) throw new InvalidFilterException("cannot be");
            entered = true;
            try {
                making.await();
            } catch (InterruptedException ends) {
                throw new IllegalStateException(ends);
            }
            Error bug = broken;
            if (bug != null) throw bug;
            Made filter = new Made(spec);
            made.add(filter);
            return filter;
        }
    }

    static final class Made implements Filter {
        final FilterSpec spec;
        volatile int closed;

        Made(FilterSpec spec) {
            this.spec = spec;
        }

        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            return FilterAction.CONTINUE;
        }

        @Override public void close() {
            closed++;
        }
    }

    static final class Balancers implements LoadBalancerFactory {
        private final String name;
        final List<Balancer> made = new ArrayList<>();

        Balancers(String name) {
            this.name = name;
        }

        @Override public String name() {
            return name;
        }

        @Override public LoadBalancer create(Backend backend, Map<String, String> annotations) {
            Balancer balancer = new Balancer(backend.name());
            made.add(balancer);
            return balancer;
        }

        Balancer of(String backend) {
            return made.stream().filter(each -> each.backend.equals(backend)).reduce((one, two) -> two).orElseThrow();
        }
    }

    static final class Balancer implements LoadBalancer {
        final String backend;
        final List<List<Endpoint>> updates = new ArrayList<>();
        volatile int closed;

        Balancer(String backend) {
            this.backend = backend;
        }

        @Override public Endpoint pick(PickContext context) {
            return context.ready().getFirst();
        }

        @Override public void update(List<Endpoint> ready) {
            updates.add(ready);
        }

        @Override public void close() {
            closed++;
        }
    }

    static final class Compiler implements RouteCompiler {
        private final RouteCompiler compiler = new TrieRouteCompiler();
        volatile int compiled;
        volatile boolean throwing;

        @Override public String name() {
            return "counting";
        }

        @Override public Compiled compile(List<Candidate> candidates) {
            if (throwing) throw new IllegalStateException("cannot compile");
            compiled++;
            return compiler.compile(candidates);
        }
    }
}
