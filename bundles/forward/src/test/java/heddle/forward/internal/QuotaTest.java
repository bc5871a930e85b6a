package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.plan.ClientPlan;
import heddle.api.policy.BodyNeed;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.OnLoop;
import heddle.api.policy.RequestEdit;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** quota.*: what one namespace's clients may have at once, over real sockets. The rig's clients are all of the unknown namespace. */
@Timeout(120)
class QuotaTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: f\r\n\r\n";
    private Rig rig;

    private void rig(Tenants.Quota quota, RecordingBackend backend) throws Exception {
        rig = new Rig(ClientPlan.Expect.HTTP, TestSettings.limited(quota));
        rig.backend(backend);
    }

    @AfterEach void close() throws Exception {
        rig.close();
    }

    private long refusals() {
        return rig.forwarder.status().counters().get("quota_refusals");
    }

    /** A connection that is one too many is reset: before connect returned, at the first write, or at the first read. */
    private boolean served() throws Exception {
        try (RawClient client = rig.client()) {
            return client.send(GET).response().endsWith("ok");
        } catch (IOException reset) {
            return false;
        }
    }

    @Test void aConnectionOverTheQuotaIsResetAndTheNextIsServedWhenOneHasGone() throws Exception {
        rig(new Tenants.Quota(2, 0, 0), RecordingBackend.answering(RecordingBackend.OK));
        try (RawClient first = rig.client(); RawClient second = rig.client()) {
            assertThat(first.send(GET).response()).endsWith("ok");
            assertThat(second.send(GET).response()).endsWith("ok");
            assertThat(served()).isFalse();
            assertThat(refusals()).isEqualTo(1);
            assertThat(first.send(GET).response()).as("the others go on").endsWith("ok");
        }
        Rig.await(() -> rig.forwarder.status().connections() == 0);
        assertThat(served()).isTrue();
    }

    @Test void aRequestOverTheQuotaIs503AndTheNextIsServedWhenOneHasEnded() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        rig(new Tenants.Quota(0, 1, 0), new RecordingBackend(with -> {
            while (with.request()) {
                answer.await();
                with.send(RecordingBackend.OK);
            }
        }));
        try (RawClient first = rig.client(); RawClient second = rig.client()) {
            first.send(GET);
            Rig.await(() -> rig.forwarder.status().requestsInFlight() == 1);
            String refused = second.send("POST / HTTP/1.1\r\nHost: f\r\nContent-Length: 4\r\n\r\nbody").response();
            assertThat(refused).startsWith("HTTP/1.1 503 ").contains("quota");
            answer.countDown();
            assertThat(first.response()).endsWith("ok");
            Rig.await(() -> rig.forwarder.status().requestsInFlight() == 0);
            assertThat(first.send(GET).response()).endsWith("ok");
            assertThat(refusals()).isEqualTo(1);
        }
    }

    @OnLoop
    private static final class Whole implements Filter {
        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            return FilterAction.CONTINUE;
        }

        @Override public BodyNeed body() {
            return new BodyNeed.Buffered(10_000, BodyNeed.WhenOver.REJECT);
        }
    }

    @Test void aBodyThatWouldBeHeldOverTheQuotaIs503AndWhatWasHeldIsGivenBack() throws Exception {
        rig(new Tenants.Quota(0, 0, 1000), RecordingBackend.answering(RecordingBackend.OK));
        rig.mesh.rule.filters = List.of(new Whole());
        for (int i = 0; i < 3; i++) {
            try (RawClient client = rig.client()) {
                String refused = client.send("POST / HTTP/1.1\r\nHost: f\r\nContent-Length: 1001\r\n\r\n" + "x".repeat(1001)).response();
                assertThat(refused).startsWith("HTTP/1.1 503 ").contains("quota");
            }
            try (RawClient client = rig.client()) {
                assertThat(client.send("POST / HTTP/1.1\r\nHost: f\r\nContent-Length: 900\r\n\r\n" + "x".repeat(900)).response()).endsWith("ok");
            }
            Rig.await(() -> rig.forwarder.status().requestsInFlight() == 0);
        }
        assertThat(refusals()).isEqualTo(3);
    }
}
