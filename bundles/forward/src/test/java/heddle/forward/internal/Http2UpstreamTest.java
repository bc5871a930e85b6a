package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.plan.BackendPlan;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.RequestEdit;
import heddle.api.policy.ResponseEdit;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Settings;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** HTTP/2 toward the endpoints, from clients of both protocols: sharing, translation, resets, GOAWAY, back pressure. */
class Http2UpstreamTest {
    private Rig rig;
    private final List<Http2Backend> backends = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        rig = new Rig();
        rig.mesh.target.protocol = BackendPlan.Protocol.H2C;
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
        for (Http2Backend backend : backends) backend.close();
    }

    private Http2Backend backend(Http2Backend started) {
        backends.add(started);
        rig.mesh.target.endpoints(backends.stream().map(Http2Backend::address).toArray(InetSocketAddress[]::new));
        return started;
    }

    private Http2Client client() throws Exception {
        return new Http2Client(rig.address());
    }

    @Test
    void anHttp1RequestIsTranslatedBothWays() throws Exception {
        Http2Backend backend = backend(new Http2Backend(request -> {
            request.head("201", "x-a", "1", "content-length", "5");
            request.data("hello", true);
        }));
        try (RawClient client = rig.client()) {
            client.send("POST /p?q=1 HTTP/1.1\r\nHost: Front\r\nX-Upper: V\r\nConnection: x-hop\r\nX-Hop: 1\r\nContent-Length: 3\r\n\r\nabc");
            assertThat(client.response()).startsWith("HTTP/1.1 201 ").contains("x-a: 1\r\n").contains("content-length: 5\r\n").endsWith("\r\n\r\nhello");
            Http2Backend.Request got = backend.requests.getFirst();
            assertThat(got.headers.method()).hasToString("POST");
            assertThat(got.headers.path()).hasToString("/p?q=1");
            assertThat(got.headers.authority()).hasToString("Front");
            assertThat(got.headers.scheme()).hasToString("http");
            assertThat(got.header("x-upper")).isEqualTo("V");
            assertThat(got.headers.contains("x-hop")).isFalse();
            assertThat(got.headers.contains("host")).isFalse();
            assertThat(got.header("x-request-id")).hasSize(32);
            assertThat(got.header("content-length")).isEqualTo("3");
            assertThat(got.body).hasToString("abc");
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 201 ");
            assertThat(backend.connections).hasValue(1);
        }
    }

    @Test
    void anAnswerOfUnknownLengthIsChunkedTowardHttp1WithItsTrailers() throws Exception {
        backend(new Http2Backend(request -> {
            request.head("200");
            request.data("hello", false);
            request.trailers("x-sum", "9");
        }));
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).contains("transfer-encoding: chunked\r\n").endsWith("5\r\nhello\r\n0\r\nx-sum: 9\r\n\r\n");
        }
    }

    @Test
    void gRpcKeepsItsTrailersFromEndToEnd() throws Exception {
        Http2Backend backend = backend(new Http2Backend(request -> {
            request.head("200", "content-type", "application/grpc");
            request.data("reply", false);
            request.trailers("grpc-status", "0");
        }));
        try (Http2Client client = client()) {
            Http2Client.Call call = client.open(Http2Client.head("POST", "/s/m", "content-type", "application/grpc", "te", "trailers"), false);
            call.data("request", true);
            call.await();
            assertThat(call.body()).isEqualTo("reply");
            assertThat(call.trailers.get("grpc-status")).hasToString("0");
            assertThat(backend.requests.getFirst().header("te")).isEqualTo("trailers");
            assertThat(backend.requests.getFirst().body).hasToString("request");
            rig.awaitEnds("200 COMPLETED");
        }
    }

    @Test
    void aStreamGoesBothWaysAtOnce() throws Exception {
        Http2Backend backend = backend(new Http2Backend(request -> request.head("200")));
        backend.atHead = true;
        try (Http2Client client = client()) {
            Http2Client.Call call = client.open(Http2Client.head("POST", "/", "content-type", "application/grpc"), false);
            assertThat(call.awaitHead().status()).isEqualTo("200");
            Http2Backend.Request at = backend.requests.getFirst();
            for (int i = 1; i <= 5; i++) {
                int n = i;
                call.data("ping" + i, false);
                Rig.await(() -> at.body.toString().endsWith("ping" + n));
                at.data("pong" + i, false);
                Rig.await(() -> call.body().endsWith("pong" + n));
            }
            call.trailers(new DefaultHttp2Headers().add("x-end", "1"));
            Rig.await(() -> at.trailers != null);
            at.trailers("grpc-status", "0");
            assertThat(call.await().trailers.get("grpc-status")).hasToString("0");
        }
    }

    @Test
    void requestsAreBalancedOneByOneOverSharedConnections() throws Exception {
        Http2Backend one = backend(Http2Backend.answering("1"));
        Http2Backend two = backend(Http2Backend.answering("2"));
        try (Http2Client client = client()) {
            for (int i = 0; i < 40; i++) assertThat(client.get("/").await().status()).isEqualTo("200");
        }
        assertThat(one.requests).hasSize(20);
        assertThat(two.requests).hasSize(20);
        assertThat(one.connections.get() + two.connections.get()).isEqualTo(2);
    }

    @Test
    void theEndpointsStreamLimitOpensFurtherConnections() throws Exception {
        List<Http2Backend.Request> held = new java.util.concurrent.CopyOnWriteArrayList<>();
        Http2Backend backend = backend(new Http2Backend(Http2Settings.defaultSettings().maxConcurrentStreams(2), null, request -> {
            if (request.headers.path().toString().equals("/hold")) held.add(request);
            else request.head("200", true);
        }));
        try (Http2Client client = client()) {
            client.get("/warm").await();
            List<Http2Client.Call> calls = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                calls.add(client.get("/hold"));
                int n = i + 1;
                Rig.await(() -> held.size() == n);
            }
            assertThat(backend.connections.get()).isGreaterThanOrEqualTo(3);
            for (Http2Backend.Request request : held) request.head("200", true);
            for (Http2Client.Call call : calls) assertThat(call.await().status()).isEqualTo("200");
        }
    }

    @Test
    void aResetAfterTheHeadKeepsItsCode() throws Exception {
        backend(new Http2Backend(request -> {
            request.head("200");
            request.data("half", false);
            request.reset(Http2Error.ENHANCE_YOUR_CALM);
        }));
        try (Http2Client client = client()) {
            Http2Client.Call call = client.get("/").await();
            assertThat(call.reset).isEqualTo(Http2Error.ENHANCE_YOUR_CALM.code());
            assertThat(call.ended).isFalse();
        }
    }

    @Test
    void aResetBeforeTheHeadIs502AndGrpcIsToldIn13() throws Exception {
        backend(new Http2Backend(request -> request.reset(Http2Error.INTERNAL_ERROR)));
        try (Http2Client client = client()) {
            assertThat(client.open(Http2Client.head("POST", "/"), true).await().status()).isEqualTo("502");
            Http2Client.Call grpc = client.open(Http2Client.head("POST", "/", "content-type", "application/grpc"), true).await();
            assertThat(grpc.status()).isEqualTo("200");
            assertThat(grpc.header("grpc-status")).isEqualTo("13");
        }
    }

    @Test
    void aRefusedStreamIsSentAgainWhateverItsMethodOnce() throws Exception {
        AtomicInteger seen = new AtomicInteger();
        backend(new Http2Backend(request -> {
            if (seen.incrementAndGet() == 1 || request.headers.path().toString().equals("/never")) request.reset(Http2Error.REFUSED_STREAM);
            else request.head("200", true);
        }));
        try (Http2Client client = client()) {
            assertThat(client.open(Http2Client.head("POST", "/"), true).await().status()).isEqualTo("200");
            assertThat(client.open(Http2Client.head("POST", "/never"), true).await().status()).isEqualTo("502");
            assertThat(seen).hasValue(4);
        }
    }

    @Test
    void afterAGoAwayTheNextRequestTakesANewConnection() throws Exception {
        Http2Backend backend = backend(new Http2Backend(request -> {
            request.goAway(0);
            request.head("200", true);
        }));
        try (Http2Client client = client()) {
            for (int i = 0; i < 3; i++) assertThat(client.open(Http2Client.head("POST", "/"), true).await().status()).isEqualTo("200");
            assertThat(backend.connections).hasValue(3);
        }
    }

    @Test
    void aCancelledRequestIsCancelledAtTheEndpoint() throws Exception {
        Http2Backend backend = backend(new Http2Backend(request -> request.head("200")));
        try (Http2Client client = client()) {
            Http2Client.Call call = client.get("/");
            call.awaitHead();
            call.cancel(Http2Error.CANCEL);
            Rig.await(() -> backend.requests.getFirst().reset == Http2Error.CANCEL.code());
            assertThat(client.get("/").awaitHead().status()).isEqualTo("200");
            assertThat(backend.connections).hasValue(1);
        }
    }

    @Test
    void theTimeoutOfAGrpcClientIsKept() throws Exception {
        backend(new Http2Backend(request -> { }));
        try (Http2Client client = client()) {
            for (int millis = 500; backends.getFirst().requests.isEmpty(); millis *= 2) {       // until it was long enough to reach the endpoint
                assertThat(millis).isLessThan(60_000);
                Http2Client.Call call = client.open(Http2Client.head("POST", "/", "content-type", "application/grpc", "grpc-timeout", millis + "m"), true).await();
                assertThat(call.header("grpc-status")).isEqualTo("4");
            }
            Rig.await(() -> backends.getFirst().requests.getFirst().reset == Http2Error.CANCEL.code());
        }
        assertThat(GrpcTimeout.nanos("99999999H")).isPositive();
        assertThat(GrpcTimeout.nanos("123456789S")).isZero();
        assertThat(GrpcTimeout.nanos("1x")).isZero();
        assertThat(GrpcTimeout.nanos("")).isZero();
    }

    @Test
    void anEndpointThatIsNotThereIs503() throws Exception {
        rig.mesh.target.endpoints(rig.refusing());
        try (Http2Client client = client()) {
            assertThat(client.get("/").await().status()).isEqualTo("503");
        }
    }

    @Test
    void aLengthThatTheBodyDoesNotHaveBreaksTheMessage() throws Exception {
        backend(new Http2Backend(request -> {
            request.head("200", "content-length", "9");
            request.data("short", true);
        }));
        try (Http2Client client = client()) {
            Http2Client.Call call = client.get("/").await();
            assertThat(call.ended && call.reset < 0 && call.status().equals("200")).isFalse();
        }
    }

    @Test
    void bodiesWaitForTheirReadersInBothDirections() throws Exception {
        long size = 8L * 1024 * 1024;
        AtomicLong written = new AtomicLong();
        Http2Backend backend = backend(new Http2Backend(request -> { }));
        backend.atHead = true;
        backend.consuming = false;
        try (Http2Client client = client()) {
            Http2Client.Call call = client.open(Http2Client.head("POST", "/"), false, false);
            Rig.await(() -> !backend.requests.isEmpty());
            Http2Backend.Request at = backend.requests.getFirst();
            at.head("200");
            Thread up = Thread.ofVirtual().start(() -> {
                for (long n = 0; n < size; n += 65536) {
                    call.data(Unpooled.wrappedBuffer(new byte[65536]), n + 65536 == size).awaitUninterruptibly();
                    written.addAndGet(65536);
                }
            });
            AtomicLong down = new AtomicLong();
            Thread back = Thread.ofVirtual().start(() -> {
                for (long n = 0; n < size; n += 65536) {
                    at.data(Unpooled.wrappedBuffer(new byte[65536]), n + 65536 == size).awaitUninterruptibly();
                    down.addAndGet(65536);
                }
            });
            long before = -1;
            while (written.get() == 0 || down.get() == 0 || written.get() + down.get() != before) {
                before = written.get() + down.get();
                Thread.sleep(300);
            }
            assertThat(written.get()).isLessThan(4L * 1024 * 1024);
            assertThat(down.get()).isLessThan(4L * 1024 * 1024);
            drain(at.bytes, size, at::consume);
            drain(call.bytes, size, call::consume);
            Rig.await(() -> at.ended);
            assertThat(call.await().ended).isTrue();
            up.join();
            back.join();
        }
    }

    @Test
    void aResponseWhoseEndComesWhileTheClientTakesNoMoreIsComplete() throws Exception {
        int window = 65535;
        int room = 131072;                                        // what is kept for a client before its endpoint is read no more
        Http2Backend backend = backend(new Http2Backend(request -> request.head("200")));
        try (Http2Client client = client()) {
            Http2Client.Call call = client.open(Http2Client.head("GET", "/"), true, false);
            call.awaitHead();
            Http2Backend.Request at = backend.requests.getFirst();
            at.data(Unpooled.wrappedBuffer(new byte[window]), false);
            Rig.await(() -> call.bytes.get() == window);
            at.data(Unpooled.wrappedBuffer(new byte[room]), true).sync();
            drain(call.bytes, window + room, call::consume);
            assertThat(call.await().ended).isTrue();
        }
    }

    /** A gRPC service's answer without a message, and a filter off the loop that has not done with its head when the stream closes. */
    @Test
    void trailersWaitForAFilterThatLooksAtTheHead() throws Exception {
        backend(new Http2Backend(request -> {
            request.head("200", "content-type", "application/grpc");
            request.trailers("grpc-status", "0");
        }));
        rig.mesh.rule.filters = List.of(new Filter() {
            @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
                return FilterAction.CONTINUE;
            }

            @Override public void onResponse(ResponseEdit response, Exchange exchange) {
                LockSupport.parkNanos(100_000_000);
            }

            @Override public boolean seesResponse() {
                return true;
            }
        });
        try (Http2Client client = client()) {
            Http2Client.Call call = client.open(Http2Client.head("POST", "/", "content-type", "application/grpc"), true).await();
            assertThat(call.ended).isTrue();
            assertThat(call.trailers.get("grpc-status")).hasToString("0");
        }
    }

    private static void drain(AtomicLong bytes, long size, java.util.function.IntConsumer consume) throws Exception {
        long given = 0;
        long due = System.nanoTime() + 60_000_000_000L;
        while (bytes.get() < size && System.nanoTime() < due) {
            long seen = bytes.get();
            if (seen > given) {
                consume.accept((int) (seen - given));
                given = seen;
            } else {
                Thread.sleep(1);
            }
        }
        assertThat(bytes).hasValue(size);
    }
}
