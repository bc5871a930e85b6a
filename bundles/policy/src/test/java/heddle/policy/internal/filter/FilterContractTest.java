package heddle.policy.internal.filter;

import heddle.api.policy.FilterFactory;
import heddle.testkit.FilterContract;
import heddle.testkit.GivenSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** Our own filters keep the contract that vendors' must keep. */
class FilterContractTest {
    @Nested class FaultInjection extends FilterContract {
        @Override protected FilterFactory factory() {
            return new FaultInjectionFactory();
        }

        @Override protected GivenSpec good() {
            return GivenSpec.resource(factory().type(), Map.of("abort", Map.of("statusCode", 503L, "percent", 50L)));
        }

        @Override protected Map<String, GivenSpec> bad() {
            return Map.of("spec.abort.percent", GivenSpec.resource(factory().type(), Map.of("abort", Map.of("percent", 101L))));
        }
    }

    @Nested class RateLimit extends FilterContract {
        @Override protected FilterFactory factory() {
            return new LocalRateLimitFactory();
        }

        @Override protected GivenSpec good() {
            return GivenSpec.resource(factory().type(), Map.of("requests", 10L));
        }

        @Override protected Map<String, GivenSpec> bad() {
            return Map.of("spec.requests", GivenSpec.resource(factory().type(), Map.of("requests", "many")));
        }
    }

    @Nested class HeaderAccess extends FilterContract {
        @Override protected FilterFactory factory() {
            return new HeaderAccessFactory();
        }

        @Override protected GivenSpec good() {
            return GivenSpec.resource(factory().type(), Map.of("rules", List.of(Map.of("action", "Allow", "headers", List.of(Map.of("name", "x-user", "value", "ann"))))));
        }

        @Override protected Map<String, GivenSpec> bad() {
            return Map.of("spec.rules", GivenSpec.resource(factory().type(), Map.of()));
        }
    }

    @Nested class CircuitLimit extends FilterContract {
        @Override protected FilterFactory factory() {
            return new CircuitLimitFactory();
        }

        @Override protected GivenSpec good() {
            return GivenSpec.resource(factory().type(), Map.of("maxRequests", 100L));
        }

        @Override protected Map<String, GivenSpec> bad() {
            return Map.of("spec.maxRequests", GivenSpec.resource(factory().type(), Map.of("maxRequests", 0L)));
        }
    }
}
