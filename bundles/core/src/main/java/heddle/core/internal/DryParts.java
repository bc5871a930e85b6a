package heddle.core.internal;

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
import java.util.List;
import java.util.Map;

/** The live parts for a build that will serve nobody: filters and balancers are made, so that a bad one is found, and closed at once. */
final class DryParts {
    private static final Map<String, Object> NO_PROPERTIES = Map.of();

    private DryParts() {}

    static Parts of(Parts live) {
        Parts dry = new Parts();
        // equal ranking and age keep the order in which they are added
        live.compilers.all().forEach(each -> dry.compilers.add(each.service(), NO_PROPERTIES));
        live.predicates.all().forEach(each -> dry.predicates.add(each.service(), NO_PROPERTIES));
        live.filters.all().forEach(each -> dry.filters.add(new Filters(each.service()), NO_PROPERTIES));
        live.balancers.all().forEach(each -> dry.balancers.add(new Balancers(each.service()), NO_PROPERTIES));
        return dry;
    }

    private record Filters(FilterFactory live) implements FilterFactory {
        @Override public String type() {
            return live.type();
        }

        @Override public Filter create(FilterSpec spec) throws InvalidFilterException {
            closed(live.create(spec));
            return Idle.INSTANCE;
        }
    }

    private record Balancers(LoadBalancerFactory live) implements LoadBalancerFactory {
        @Override public String name() {
            return live.name();
        }

        @Override public LoadBalancer create(Backend backend, Map<String, String> annotations) {
            closed(live.create(backend, annotations));
            return Idle.INSTANCE;
        }
    }

    private static void closed(AutoCloseable made) {
        try {
            made.close();
        } catch (Exception e) {
            throw new IllegalStateException("does not close: " + e.getMessage(), e);
        }
    }

    private enum Idle implements Filter, LoadBalancer {
        INSTANCE;

        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            throw new IllegalStateException("a dry run serves nobody");
        }

        @Override public Endpoint pick(PickContext context) {
            throw new IllegalStateException("a dry run serves nobody");
        }

        @Override public void update(List<Endpoint> ready) {}

        @Override public void close() {}
    }
}
