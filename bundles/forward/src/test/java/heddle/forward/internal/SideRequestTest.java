package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.plan.BackendPlan;
import heddle.api.policy.Answer;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.OnLoop;
import heddle.api.policy.RequestEdit;
import heddle.api.policy.Subrequest;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What filters send beside the request: calls of their own, and mirrors. */
class SideRequestTest {
    private Rig rig;
    private RecordingBackend other;
    private StubMesh side;

    @OnLoop
    private record Inline(BiFunction<RequestEdit, Exchange, FilterAction> action) implements Filter {
        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            return action.apply(request, exchange);
        }
    }

    @BeforeEach
    void start() throws Exception {
        rig = new Rig();
        rig.backend(RecordingBackend.answering(RecordingBackend.OK));
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
        if (other != null) other.close();
    }

    private void side(RecordingBackend started) {
        other = started;
        side = new StubMesh(started.address());
    }

    private Answer call(Subrequest request, Duration limit) throws Exception {
        CompletableFuture<Answer> got = new CompletableFuture<>();
        rig.mesh.rule.filters = List.of(new Inline((edit, exchange) -> new FilterAction.Later(exchange.call(side.target, request, limit).thenApply(answer -> {
            got.complete(answer);
            return FilterAction.CONTINUE;
        }))));
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 200 ");
        }
        return got.get(60, TimeUnit.SECONDS);
    }

    @Test
    void aCallGoesOutWithItsLengthAndGivesTheWholeAnswer() throws Exception {
        side(RecordingBackend.answering("HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\n\r\n3\r\nwhy\r\n0\r\nx-t: 2\r\n\r\n"));
        Answer answer = call(new Subrequest("POST", "/check", "auth.shop", List.of(new FilterAction.Field("X-One", "1")), new byte[0], false), Duration.ofSeconds(60));
        assertThat(other.received()).startsWith("POST /check HTTP/1.1\r\nhost: auth.shop\r\n").contains("x-one: 1\r\n").contains("content-length: 0\r\n");
        assertThat(answer.status()).isEqualTo(403);
        assertThat(new String(answer.body())).isEqualTo("why");
        assertThat(answer.headers()).contains(new FilterAction.Field("x-a", "1"), new FilterAction.Field("x-t", "2"));
    }

    @Test
    void aCallOverHttp2SendsItsBody() throws Exception {
        try (Http2Backend backend = new Http2Backend(request -> {
            request.head("200", "content-type", "application/grpc");
            request.data(request.body.toString(), false);
            request.trailers("grpc-status", "0");
        })) {
            side = new StubMesh(backend.address());
            Answer answer = call(new Subrequest("POST", "/s/m", "auth", List.of(new FilterAction.Field("content-type", "application/grpc")), "ping".getBytes(), true), Duration.ofSeconds(60));
            assertThat(new String(answer.body())).isEqualTo("ping");
            assertThat(answer.headers()).contains(new FilterAction.Field("grpc-status", "0"));
            assertThat(backend.requests.getFirst().header("content-length")).isEqualTo("4");
            assertThat(backend.requests.getFirst().header("te")).isEqualTo("trailers");
        }
    }

    @Test
    void faultsOfACallAreAnswersOfStatusZero() throws Exception {
        side(new RecordingBackend(with -> with.request()));
        Subrequest request = new Subrequest("GET", "/", "auth", List.of(), new byte[0], false);
        assertThat(call(request, Duration.ofSeconds(60)).status()).isZero();
        side(new RecordingBackend(with -> {
            with.request();
            with.readHead();
        }));
        assertThat(call(request, Duration.ofMillis(100)).reason()).contains("time");
        side.target.endpoints(new InetSocketAddress[0]);
        assertThat(call(request, Duration.ofSeconds(60)).reason()).contains("no ready endpoint");
    }

    private void mirroring() {
        rig.mesh.rule.filters = List.of(new Inline((edit, exchange) -> {
            exchange.mirror(side.target);
            return FilterAction.CONTINUE;
        }));
    }

    @Test
    void aMirrorGetsHeadAndBodyAndItsAnswerIsDropped() throws Exception {
        side(RecordingBackend.answering("HTTP/1.1 500 Mirror\r\nContent-Length: 0\r\n\r\n"));
        mirroring();
        try (RawClient client = rig.client()) {
            client.send("POST /m HTTP/1.1\r\nHost: f\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            Rig.await(() -> !other.conversations.isEmpty() && other.conversations.getFirst().body.equals("hello"));
            assertThat(other.received()).startsWith("POST /m HTTP/1.1\r\nhost: f\r\n").containsIgnoringCase("x-a: b\r\n");
        }
    }

    @Test
    void aMirrorThatFallsBehindIsCutAndTheRequestGoesOn() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        side(new RecordingBackend(with -> {
            with.readHead();
            never.await(60, TimeUnit.SECONDS);
        }));
        mirroring();
        int size = 16 * 1024 * 1024;
        AtomicLong received = new AtomicLong();
        RecordingBackend main = new RecordingBackend(with -> {
            with.readHead();
            if (with.take(size, received)) with.send(RecordingBackend.OK);
        });
        rig.backend.close();
        rig.backend(main);
        try (RawClient client = rig.client()) {
            client.send("POST /m HTTP/1.1\r\nHost: f\r\nContent-Length: " + size + "\r\n\r\n");
            byte[] block = new byte[65536];
            for (int at = 0; at < size; at += block.length) client.socket.getOutputStream().write(block);
            assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            Rig.await(() -> rig.forwarder.status().counters().get("mirrors_cut") == 1);
            assertThat(received).hasValue(size);
        } finally {
            never.countDown();
        }
    }

    @Test
    void aMirrorToNobodyIsNothing() throws Exception {
        side = new StubMesh();
        side.target.protocol = BackendPlan.Protocol.H2C;
        mirroring();
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 200 ");
        }
    }
}
