package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.plan.ClientPlan;
import heddle.api.plan.RetryPolicy;
import heddle.api.policy.BodyNeed;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.OnLoop;
import heddle.api.policy.RequestEdit;
import io.netty.handler.codec.http2.Http2Error;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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

    private static final String POST = "POST / HTTP/1.1\r\nHost: f\r\nContent-Length: 900\r\n\r\n" + "x".repeat(400);

    private enum End { NO_REQUEST, HALF_A_HEAD, HALF_A_HELD_BODY, NO_ANSWER, HALF_AN_ANSWER, TIMEOUT, ENDPOINT_RESETS, RETRIED, REPLY, WEB_SOCKET, MIRRORED, H2_RESET, H2_GONE }

    /** One connection, one request and 1000 bytes: what is not given back is missed by the next. */
    @ParameterizedTest
    @EnumSource
    void howeverAnExchangeEndsWhatItHadIsGivenBack(End end) throws Exception {
        rig(new Tenants.Quota(1, 1, 1000), new RecordingBackend(with -> {
            while (with.request()) {
                switch (with.head.split(" ")[1]) {
                    case "/silent" -> with.read();
                    case "/half" -> with.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nha");
                    case "/reset" -> with.reset();
                    case "/fails" -> with.send("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
                    case "/ws" -> with.send("HTTP/1.1 101 Yes\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
                    default -> with.send(RecordingBackend.OK);
                }
            }
        }));
        for (int i = 0; i < 3; i++) {
            rig.mesh.rule.filters = List.of();
            rig.mesh.rule.retry = Optional.empty();
            if (end == End.H2_RESET || end == End.H2_GONE) {
                try (Http2Client client = new Http2Client(rig.address())) {
                    Http2Client.Call call = client.open(Http2Client.head("GET", "/silent"), true);
                    Rig.await(() -> rig.forwarder.status().requestsInFlight() == 1);
                    if (end == End.H2_RESET) {
                        call.cancel(Http2Error.CANCEL);
                        Rig.await(() -> rig.forwarder.status().requestsInFlight() == 0);
                    }
                }
            } else {
                try (RawClient client = rig.client()) {
                    end(client, end);
                }
            }
            Rig.await(() -> rig.forwarder.status().connections() == 0 && rig.forwarder.status().requestsInFlight() == 0);
            rig.mesh.rule.requestTimeout = 0;
            rig.mesh.rule.filters = List.of(new Whole());
            try (RawClient client = rig.client()) {
                assertThat(client.send(POST + "x".repeat(500)).response()).as(end + " " + i).endsWith("ok");
            }
            Rig.await(() -> rig.forwarder.status().connections() == 0);
        }
        assertThat(refusals()).isZero();
    }

    private void end(RawClient client, End end) throws Exception {
        switch (end) {
            case NO_REQUEST -> Rig.await(() -> rig.forwarder.status().connections() == 1);
            case HALF_A_HEAD -> {
                client.send("GET / HT");
                Rig.await(() -> rig.forwarder.status().connections() == 1);
            }
            case HALF_A_HELD_BODY -> {
                rig.mesh.rule.filters = List.of(new Whole());
                client.send(POST);
                Rig.await(() -> rig.forwarder.status().requestsInFlight() == 1);
            }
            case NO_ANSWER -> {
                client.send("GET /silent HTTP/1.1\r\nHost: f\r\n\r\n");
                Rig.await(() -> rig.forwarder.status().requestsInFlight() == 1);
            }
            case HALF_AN_ANSWER -> client.send("GET /half HTTP/1.1\r\nHost: f\r\n\r\n").head();
            case TIMEOUT -> {
                rig.mesh.rule.requestTimeout = TimeUnit.MILLISECONDS.toNanos(50);
                assertThat(client.send("GET /silent HTTP/1.1\r\nHost: f\r\n\r\n").response()).startsWith("HTTP/1.1 504 ");
            }
            case ENDPOINT_RESETS -> assertThat(client.send("POST /reset HTTP/1.1\r\nHost: f\r\nContent-Length: 2\r\n\r\nxx").response()).startsWith("HTTP/1.1 50");
            case RETRIED -> {
                rig.mesh.rule.retry = Optional.of(new RetryPolicy(List.of(503), List.of(), 2, 1));
                assertThat(client.send(POST.replace(" / ", " /fails ") + "x".repeat(500)).response()).startsWith("HTTP/1.1 503 ");
            }
            case REPLY -> {
                rig.mesh.rule.filters = List.of(new Whole(), (request, exchange) -> new FilterAction.Reply(418, List.of(), new byte[0], "tea"));
                assertThat(client.send(POST + "x".repeat(500)).response()).startsWith("HTTP/1.1 418 ");
            }
            case WEB_SOCKET -> assertThat(client.send("GET /ws HTTP/1.1\r\nHost: f\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n").head()).startsWith("HTTP/1.1 101 ");
            case MIRRORED -> {
                rig.mesh.rule.filters = List.of(new Whole(), (request, exchange) -> {
                    exchange.mirror(rig.mesh.target);
                    return FilterAction.CONTINUE;
                });
                assertThat(client.send(POST + "x".repeat(500)).response()).endsWith("ok");
            }
            default -> throw new IllegalStateException(end.name());
        }
    }
}
