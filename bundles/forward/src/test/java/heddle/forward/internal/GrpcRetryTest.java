package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.plan.RetryPolicy;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** T7: retries of gRPC calls by status code; the client and the backend are plain sockets here, the rule is the same on HTTP/2. */
class GrpcRetryTest {
    private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/grpc\r\n";
    private static final String UNAVAILABLE = HEAD + "grpc-status: 14\r\nContent-Length: 0\r\n\r\n";
    private static final String OK = HEAD + "Content-Length: 2\r\n\r\nok";
    private Rig rig;
    private final AtomicInteger calls = new AtomicInteger();

    @BeforeEach
    void start() throws Exception {
        rig = new Rig();
        rig.mesh.rule.retry = Optional.of(new RetryPolicy(List.of(), List.of(14), 2, 1_000_000));
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    private void answers(String... inTurn) throws Exception {
        rig.backend(new RecordingBackend(with -> {
            while (with.request()) with.send(inTurn[Math.min(calls.getAndIncrement(), inTurn.length - 1)]);
        }));
    }

    private String call() throws Exception {
        try (RawClient client = rig.client()) {
            client.send("POST /a.B/C HTTP/1.1\r\nHost: f\r\nContent-Type: application/grpc\r\nContent-Length: 5\r\n\r\nhello");
            return client.response();
        }
    }

    @Test
    void aListedCodeInAnAnswerWithoutMessagesIsRetried() throws Exception {
        answers(UNAVAILABLE, UNAVAILABLE, OK);
        assertThat(call()).endsWith("ok");
        assertThat(calls).hasValue(3);
        assertThat(rig.mesh.target.statuses).containsExactly(503, 503, 200);
    }

    @Test
    void usedUpAttemptsGiveTheLastStatus() throws Exception {
        answers(UNAVAILABLE);
        assertThat(call()).contains("grpc-status: 14");
        assertThat(calls).hasValue(3);
    }

    @Test
    void aCodeThatIsNotListedIsNotRetried() throws Exception {
        answers(HEAD + "grpc-status: 5\r\nContent-Length: 0\r\n\r\n", OK);
        assertThat(call()).contains("grpc-status: 5");
        assertThat(calls).hasValue(1);
    }

    /** A proxy's 503 between us and the server reads as UNAVAILABLE (http-grpc-status-mapping). */
    @Test
    void anHttpErrorCountsAsTheCodeThatAClientWouldMakeOfIt() throws Exception {
        answers("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", OK);
        assertThat(call()).endsWith("ok");
    }

    @Test
    void afterTheHeadNothingIsRetried() throws Exception {
        answers(HEAD + "Transfer-Encoding: chunked\r\nTrailer: grpc-status\r\n\r\n2\r\nhi\r\n0\r\ngrpc-status: 14\r\n\r\n", OK);
        assertThat(call()).contains("grpc-status: 14");
        assertThat(calls).hasValue(1);
    }
}
