package heddle.policy.internal.balance;

import heddle.api.policy.LoadBalancerFactory;
import heddle.testkit.LoadBalancerContract;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** Our own balancers keep the contract that vendors' must keep. */
class BalancerContractTest {
    @Nested class RoundRobin extends LoadBalancerContract {
        @Override protected LoadBalancerFactory factory() {
            return new RoundRobinFactory();
        }
    }

    @Nested class LeastRequests extends LoadBalancerContract {
        @Override protected LoadBalancerFactory factory() {
            return new LeastRequestFactory();
        }
    }

    @Nested class RingHashOnSource extends LoadBalancerContract {
        @Override protected LoadBalancerFactory factory() {
            return new RingHashFactory();
        }
    }

    @Nested class RingHashOnHeader extends LoadBalancerContract {
        @Override protected LoadBalancerFactory factory() {
            return new RingHashFactory();
        }

        @Override protected Map<String, String> annotations() {
            return Map.of(RingHashFactory.HASH_ON, "header:x-user");
        }
    }
}
