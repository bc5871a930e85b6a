package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TenantTest {
    @Test void theLimitIsOfAllLoopsTogether() {
        Tenant tenant = new Tenant(4);
        for (int i = 0; i < 7; i++) assertThat(tenant.take(0, Tenant.Kind.REQUESTS, 1, 10)).as("one loop may use what others leave").isTrue();
        for (int i = 0; i < 3; i++) assertThat(tenant.take(i, Tenant.Kind.REQUESTS, 1, 10)).isTrue();
        assertThat(tenant.take(0, Tenant.Kind.REQUESTS, 1, 10)).isFalse();
        assertThat(tenant.refused(Tenant.Kind.REQUESTS)).isEqualTo(1);
        tenant.give(0, Tenant.Kind.REQUESTS, 1);
        assertThat(tenant.take(0, Tenant.Kind.REQUESTS, 1, 10)).isTrue();
        assertThat(tenant.sum(Tenant.Kind.REQUESTS)).isEqualTo(10);
        assertThat(tenant.sum(Tenant.Kind.CONNECTIONS)).isZero();
    }

    @Test void eachLoopHasItsShareWithoutAskingOthers() {
        Tenant tenant = new Tenant(2);
        for (int i = 0; i < 10; i++) assertThat(tenant.take(0, Tenant.Kind.BYTES, 10, 100)).isTrue();
        for (int i = 0; i < 5; i++) assertThat(tenant.take(1, Tenant.Kind.BYTES, 10, 100)).as("within its half").isTrue();
        assertThat(tenant.take(1, Tenant.Kind.BYTES, 10, 100)).isFalse();
    }

    @Test void loopsThatCountAtTheSameTimeLoseNothing() throws InterruptedException {
        Tenant tenant = new Tenant(3);
        List<Thread> threads = new ArrayList<>();
        for (int loop = 0; loop < 3; loop++) {
            int mine = loop;
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 100_000; i++) {
                    if (tenant.take(mine, Tenant.Kind.CONNECTIONS, 1, 5)) tenant.give(mine, Tenant.Kind.CONNECTIONS, 1);
                }
            }));
        }
        for (Thread thread : threads) thread.join();
        assertThat(tenant.sum(Tenant.Kind.CONNECTIONS)).isZero();
    }
}
