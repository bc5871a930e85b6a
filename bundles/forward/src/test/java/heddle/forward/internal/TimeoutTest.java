package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.plan.RetryPolicy;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** SPEC.md T2 to T6. */
class TimeoutTest {
    private static final long SHORT = TimeUnit.MILLISECONDS.toNanos(80);
    private Rig rig;

    /** A test of what a deadline does behind something that must have come before it. */
    private interface BehindSomething {
        /** Returns whether that had come; it may set the rule's deadline to {@code nanos}. */
        boolean came(long nanos) throws Exception;
    }

    /** How long that takes a busy machine nobody knows: with twice the deadline, until it has come. */
    private void until(BehindSomething came) throws Exception {
        for (long nanos = TimeUnit.MILLISECONDS.toNanos(500); !came.came(nanos); nanos *= 2) {
            assertThat(nanos).as("a deadline that was too short").isLessThan(TimeUnit.SECONDS.toNanos(30));
            rig.close();
            rig = new Rig();
        }
    }

    @BeforeEach
    void start() throws Exception {
        rig = new Rig();
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    /** Answers nothing until the connection ends. */
    private static RecordingBackend silent() throws IOException {
        return new RecordingBackend(with -> {
            with.request();
            with.read();
        });
    }

    @Test
    void theRequestDeadlineIs504BeforeTheHead() throws Exception {
        rig.backend(silent());
        rig.mesh.rule.requestTimeout = SHORT;
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 504 ").contains("timeout:");
            client.send("GET /none HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 404 ");
        }
        rig.awaitEnds("504 TIMED_OUT");
        assertThat(rig.mesh.target.ends).containsExactly("TIMED_OUT");
    }

    @Test
    void theBackendDeadlineIs504Too() throws Exception {
        rig.backend(silent());
        rig.mesh.rule.backendTimeout = SHORT;
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 504 ");
        }
    }

    @Test
    void afterTheHeadTheMessageIsBrokenOff() throws Exception {
        until(nanos -> {
            rig.backend(half());
            rig.mesh.rule.requestTimeout = nanos;
            try (RawClient client = rig.client()) {
                client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
                String head = client.head();
                if (head.startsWith("HTTP/1.1 504 ")) return false;
                assertThat(head).startsWith("HTTP/1.1 200 ");
                assertThatThrownBy(client::rest).isInstanceOf(IOException.class).hasMessageContaining("reset");
            }
            rig.awaitEnds("200 TIMED_OUT");
            return true;
        });
    }

    /** Answers with a head and a part of the body. */
    private static RecordingBackend half() throws IOException {
        return new RecordingBackend(with -> {
            with.request();
            with.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
            with.read();
        });
    }

    /** The same to an HTTP/2 client: RST_STREAM, never END_STREAM. */
    @Test
    void afterTheHeadAStreamIsReset() throws Exception {
        until(nanos -> {
            rig.backend(half());
            rig.mesh.rule.requestTimeout = nanos;
            try (Http2Client client = new Http2Client(rig.address())) {
                Http2Client.Call call = client.get("/").await();
                if (call.status().equals("504")) return false;
                assertThat(call.body()).isEqualTo("half");
                assertThat(call.ended).isFalse();
                assertThat(call.reset).isEqualTo(2);
            }
            rig.awaitEnds("200 TIMED_OUT");
            return true;
        });
    }

    /** T3: until the full response is in. */
    @Test
    void theBackendDeadlineInTheMiddleOfTheBodyBreaksTheMessageOff() throws Exception {
        until(nanos -> {
            AtomicInteger tries = new AtomicInteger();
            rig.backend(new RecordingBackend(with -> {
                with.request();
                if (tries.getAndIncrement() > 0) {                  // the first one's head was late, or it was not the last
                    with.send("HTTP/1.1 418 Again\r\nContent-Length: 0\r\n\r\n");
                    return;
                }
                with.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
                with.read();
            }));
            rig.mesh.rule.backendTimeout = nanos;
            rig.mesh.rule.retry = Optional.of(new RetryPolicy(List.of(), List.of(), 3, 1_000_000));
            try (RawClient client = rig.client()) {
                client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
                String head = client.head();
                if (head.startsWith("HTTP/1.1 418 ") || head.startsWith("HTTP/1.1 504 ")) return false;
                assertThat(head).startsWith("HTTP/1.1 200 ");
                assertThatThrownBy(client::rest).isInstanceOf(IOException.class).hasMessageContaining("reset");
            }
            rig.awaitEnds("200 TIMED_OUT");
            assertThat(rig.backend.received()).containsOnlyOnce("GET /");
            return true;
        });
    }

    /** T6: the wait before a retry is cut by the request's deadline, which answers at once. */
    @Test
    void theRequestDeadlineCutsABackoff() throws Exception {
        until(nanos -> {
            rig.backend(RecordingBackend.answering("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"));
            rig.mesh.rule.requestTimeout = nanos;
            rig.mesh.rule.retry = Optional.of(new RetryPolicy(List.of(503), List.of(), 5, 3_600_000_000_000L));
            try (RawClient client = rig.client()) {
                client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
                assertThat(client.response()).startsWith("HTTP/1.1 504 ");
            }
            if (!rig.mesh.target.statuses.contains(503)) return false;      // there was no backoff yet
            assertThat(rig.backend.received()).containsOnlyOnce("GET /");
            return true;
        });
    }

    /** T6: the backoff is a minimum. */
    @Test
    void noRetryComesBeforeItsBackoff() throws Exception {
        rig.backend(RecordingBackend.answering("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"));
        rig.mesh.rule.retry = Optional.of(new RetryPolicy(List.of(503), List.of(), 2, 80_000_000));
        long start = System.nanoTime();
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 503 ");
        }
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(160_000_000L);
    }

    /** T5: a stanza without codes retries connection errors; without a stanza they are 503. */
    @Test
    void aConnectionErrorIsRetriedUnderAnyStanza() throws Exception {
        rig.backend(RecordingBackend.answering(RecordingBackend.OK));
        rig.mesh.target.endpoints(rig.refusing(), rig.backend.address());
        try (RawClient client = rig.client()) {
            client.send("POST / HTTP/1.1\r\nHost: f\r\nContent-Length: 5\r\n\r\nhello");
            assertThat(client.response()).startsWith("HTTP/1.1 503 ");
        }
        rig.mesh.target.picks.set(0);
        rig.mesh.rule.retry = Optional.of(new RetryPolicy(List.of(), List.of(), 1, 1_000_000));
        try (RawClient client = rig.client()) {
            client.send("POST / HTTP/1.1\r\nHost: f\r\nContent-Length: 5\r\n\r\nhello");
            assertThat(client.response()).startsWith("HTTP/1.1 200 ");
        }
        assertThat(rig.mesh.target.ends).containsExactly("CONNECT_FAILED", "CONNECT_FAILED", "COMPLETED");
        assertThat(rig.backend.received()).containsOnlyOnce("hello");
    }

    /** T5: a code that the stanza does not name is the answer. */
    @Test
    void aStatusThatIsNotListedIsNotRetried() throws Exception {
        rig.backend(RecordingBackend.answering("HTTP/1.1 502 x\r\nContent-Length: 0\r\n\r\n"));
        rig.mesh.rule.retry = Optional.of(new RetryPolicy(List.of(500, 503, 504), List.of(), 3, 1_000_000));
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 502 ");
        }
        assertThat(rig.backend.received()).containsOnlyOnce("GET /");
    }

    @Test
    void theDeadlineRunsWhileTheRequestBodyComes() throws Exception {
        rig.backend(silent());
        rig.mesh.rule.requestTimeout = SHORT;
        try (RawClient client = rig.client()) {
            client.send("POST / HTTP/1.1\r\nHost: f\r\nContent-Length: 100\r\n\r\nhalf");
            assertThat(client.response()).startsWith("HTTP/1.1 504 ");
        }
    }

    /** T4: attempts 2 is 3 calls; the last status is returned when they are used up. */
    @Test
    void attemptsCountRetriesAndTheLastStatusIsReturned() throws Exception {
        rig.backend(RecordingBackend.answering("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"));
        rig.mesh.rule.retry = Optional.of(new RetryPolicy(List.of(503), List.of(), 2, 1_000_000));
        try (RawClient client = rig.client()) {
            client.send("POST / HTTP/1.1\r\nHost: f\r\nContent-Length: 5\r\n\r\nhello");
            assertThat(client.response()).isEqualTo("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy");
        }
        assertThat(rig.backend.received().split("\r\n\r\nhello", -1)).hasSize(4);
        rig.awaitEnds("503 COMPLETED");
    }

    @Test
    void aTimedOutTryIsRetriedAndTheSecondMayAnswer() throws Exception {
        until(nanos -> {
            AtomicInteger tries = new AtomicInteger();
            rig.backend(new RecordingBackend(with -> {
                while (with.request()) {
                    if (tries.getAndIncrement() == 0) with.read();
                    else with.send(RecordingBackend.OK);
                }
            }));
            rig.mesh.rule.backendTimeout = nanos;
            rig.mesh.rule.retry = Optional.of(new RetryPolicy(List.of(), List.of(), 1, 1_000_000));
            try (RawClient client = rig.client()) {
                String answer = client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n").response();
                if (answer.startsWith("HTTP/1.1 504 ")) return false;
                assertThat(answer).startsWith("HTTP/1.1 200 ");
            }
            assertThat(rig.mesh.target.ends).containsExactly("TIMED_OUT", "COMPLETED");
            return true;
        });
    }

    @Test
    void overBudgetIs503() throws Exception {
        rig.backend(RecordingBackend.answering("HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n"));
        rig.mesh.rule.retry = Optional.of(new RetryPolicy(List.of(500), List.of(), 1, 1_000_000));
        rig.mesh.target.overBudget = true;
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 503 ").contains("retry-budget");
        }
        assertThat(rig.mesh.target.requests).hasValue(1);
        assertThat(rig.backend.received()).containsOnlyOnce("GET /");
    }

    @Test
    void aBodyBeyondTheReplayBufferIsNotRetried() throws Exception {
        rig.backend(RecordingBackend.answering("HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n"));
        rig.mesh.rule.retry = Optional.of(new RetryPolicy(List.of(500), List.of(), 3, 1_000_000));
        try (RawClient client = rig.client()) {
            client.send("POST / HTTP/1.1\r\nHost: f\r\nContent-Length: 100000\r\n\r\n" + "x".repeat(100_000));
            assertThat(client.response()).startsWith("HTTP/1.1 500 ");
        }
        assertThat(rig.backend.received()).containsOnlyOnce("POST /");
    }
}
