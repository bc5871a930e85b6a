package ${package};

import heddle.api.policy.LoadBalancerFactory;
import heddle.testkit.LoadBalancerContract;

class FirstReadyTest extends LoadBalancerContract {
    @Override protected LoadBalancerFactory factory() {
        return new FirstReady();
    }
}
