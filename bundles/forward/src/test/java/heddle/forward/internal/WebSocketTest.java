package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.plan.BackendPlan;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSockets where HTTP/2 is on one side or on both: RFC 8441, and SPEC.md B11 and "hop-by-hop headers". That of HTTP/1.1 on both sides
 *  is in {@link Http1SemanticsTest}. */
class WebSocketTest {
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";                     // RFC 6455 §1.3
    private static final String ASK = "GET /chat HTTP/1.1\r\nHost: f\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Key: " + KEY
            + "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat\r\n\r\n";
    private Rig rig;
    private Http2Backend h2;

    @BeforeEach
    void start() throws Exception {
        rig = new Rig();
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
        if (h2 != null) h2.close();
    }

    private Http2Client client() throws Exception {
        return new Http2Client(rig.address());
    }

    private static Http2Headers ask(String protocol) {
        return Http2Client.head("CONNECT", "/chat?room=1", "sec-websocket-version", "13").set(":protocol", protocol);
    }

    private static String header(String head, String name) {
        return head.lines().filter(line -> line.toLowerCase().startsWith(name + ":")).map(line -> line.substring(name.length() + 1).strip()).findFirst().orElse("");
    }

    /** An HTTP/1.1 backend that agrees and then plays the script. */
    private void http1(RecordingBackend.Script then) throws Exception {
        rig.backend(new RecordingBackend(with -> {
            with.readHead();
            with.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "
                    + WebSocketHandshake.accept(header(with.head, "sec-websocket-key")) + "\r\n\r\nhi");
            then.serve(with);
        }));
    }

    private void http2(boolean allows, Http2Backend.Script script) throws Exception {
        rig.mesh.target.protocol = BackendPlan.Protocol.H2C;
        h2 = new Http2Backend(Http2Settings.defaultSettings().connectProtocolEnabled(allows), null, script);
        h2.atHead = true;
        rig.mesh.target.endpoints(h2.address());
    }

    private static void echo(RecordingBackend.Conversation with) throws IOException {
        for (int b; (b = with.read()) >= 0; ) with.send(String.valueOf((char) b).toUpperCase());
    }

    @Test
    void clientsAreToldThatExtendedConnectIsServed() throws Exception {
        try (Http2Client client = client()) {
            Rig.await(() -> client.settings != null);
            assertThat(client.settings.connectProtocolEnabled()).isTrue();
        }
    }

    @Test
    void anExtendedConnectBecomesAnUpgradeToAnHttp1Backend() throws Exception {
        http1(WebSocketTest::echo);
        try (Http2Client client = client()) {
            Http2Client.Call call = client.open(ask("websocket"), false).awaitHead();
            assertThat(call.status()).isEqualTo("200");
            assertThat(call.headers.contains("sec-websocket-accept")).isFalse();
            assertThat(call.headers.contains("upgrade")).isFalse();
            call.data("abc", false);
            Rig.await(() -> call.body().equals("hiABC"));
            assertThat(rig.backend.received()).startsWith("GET /chat?room=1 HTTP/1.1\r\n").contains("connection: upgrade\r\n").contains("upgrade: websocket\r\n")
                    .contains("sec-websocket-version: 13\r\n").doesNotContain("transfer-encoding").doesNotContain("content-length");
            rig.awaitEnds("101 COMPLETED");
            call.data("d", true);
            call.await();
            assertThat(call.body()).isEqualTo("hiABCD");
            assertThat(call.ended).isTrue();
        }
    }

    @Test
    void dataSentBeforeTheAnswerWaitsForIt() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        rig.backend(new RecordingBackend(with -> {
            with.readHead();
            go.await(60, TimeUnit.SECONDS);
            assertThat(with.socket.getInputStream().available()).isZero();
            with.send("HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "
                    + WebSocketHandshake.accept(header(with.head, "sec-websocket-key")) + "\r\n\r\n");
            echo(with);
        }));
        try (Http2Client client = client()) {
            Http2Client.Call call = client.open(ask("websocket"), false);
            call.data("early", true);
            Rig.await(() -> rig.backend.received().endsWith("\r\n\r\n"));
            go.countDown();
            assertThat(call.await().body()).isEqualTo("EARLY");
            assertThat(call.ended).isTrue();
        }
    }

    @Test
    void anExtendedConnectGoesOnToAnHttp2Backend() throws Exception {
        http2(true, request -> request.head("200", "sec-websocket-protocol", "chat"));
        try (Http2Client client = client()) {
            Http2Client.Call call = client.open(ask("websocket"), false).awaitHead();
            assertThat(call.status()).isEqualTo("200");
            assertThat(call.header("sec-websocket-protocol")).isEqualTo("chat");
            Http2Backend.Request got = h2.requests.getFirst();
            assertThat(got.headers.method()).hasToString("CONNECT");
            assertThat(got.header(":protocol")).isEqualTo("websocket");
            assertThat(got.headers.path()).hasToString("/chat?room=1");
            assertThat(got.headers.contains("sec-websocket-key")).isFalse();
            call.data("up", false);
            Rig.await(() -> got.body.toString().equals("up"));
            got.data("down", false);
            Rig.await(() -> call.body().equals("down"));
            call.data("", true);
            Rig.await(() -> got.ended);
            got.data("", true);
            assertThat(call.await().ended).isTrue();
            rig.awaitEnds("101 COMPLETED");
        }
    }

    @Test
    void anHttp1WebSocketReachesAnHttp2Backend() throws Exception {
        http2(true, request -> request.head("200", "sec-websocket-protocol", "chat"));
        try (RawClient client = rig.client()) {
            client.send(ASK + "early");
            assertThat(client.head()).startsWith("HTTP/1.1 101 ").contains("sec-websocket-accept: " + ACCEPT + "\r\n").contains("upgrade: websocket\r\n")
                    .contains("connection: upgrade\r\n").contains("sec-websocket-protocol: chat\r\n").doesNotContain("transfer-encoding");
            Http2Backend.Request got = h2.requests.getFirst();
            assertThat(got.header(":protocol")).isEqualTo("websocket");
            assertThat(got.header("sec-websocket-protocol")).isEqualTo("chat");
            client.send(" late");
            Rig.await(() -> got.body.toString().equals("early late"));
            got.data("answer", false);
            assertThat(client.read(6)).isEqualTo("answer");
            client.socket.shutdownOutput();
            Rig.await(() -> got.ended);
            got.data("!", true);
            assertThat(client.rest()).isEqualTo("!");
            rig.awaitEnds("101 COMPLETED");
        }
    }

    @Test
    void muchDataComesThroughBothWays() throws Exception {
        byte[] block = "0123456789abcdef".repeat(4096).getBytes();
        int size = 200 * block.length;
        http2(true, request -> {
            request.head("200");
            for (int i = 0; i < 200; i++) request.data(Unpooled.wrappedBuffer(block), i == 199);
        });
        try (RawClient client = rig.client()) {
            client.send(ASK);
            client.head();
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < 200; i++) client.socket.getOutputStream().write(block);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            Rig.await(() -> !h2.requests.isEmpty() && h2.requests.getFirst().bytes.get() == size);
            writer.join();
            assertThat(client.rest()).hasSize(size).startsWith("0123456789abcdef").endsWith("0123456789abcdef");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anHttp2BackendWithoutExtendedConnectIsA502(boolean fromHttp2) throws Exception {
        http2(false, request -> request.head("200"));
        if (fromHttp2) {
            try (Http2Client client = client()) {
                Http2Client.Call call = client.open(ask("websocket"), false).await();
                assertThat(call.status()).isEqualTo("502");
                assertThat(call.body()).contains("no-websocket");
            }
        } else {
            try (RawClient client = rig.client()) {
                assertThat(client.send(ASK).response()).startsWith("HTTP/1.1 502 ").contains("no-websocket");
            }
        }
        assertThat(h2.requests).isEmpty();
    }

    @Test
    void aRefusalIsPassedOnAndTheConnectionsStay() throws Exception {
        rig.backend(RecordingBackend.answering("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"));
        try (Http2Client client = client()) {
            Http2Client.Call call = client.open(ask("websocket"), false).await();
            assertThat(call.status()).isEqualTo("403");
            assertThat(call.body()).isEqualTo("no");
            assertThat(client.get("/").await().status()).isEqualTo("403");
            assertThat(rig.backend.conversations).hasSize(1);
        }
    }

    @Test
    void aBackendThatComputesTheAnswerWronglyIsA502() throws Exception {
        rig.backend(RecordingBackend.answering("HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: wrong\r\n\r\n"));
        try (Http2Client client = client()) {
            assertThat(client.open(ask("websocket"), false).await().status()).isEqualTo("502");
        }
    }

    @Test
    void otherProtocolsAreNotServed() throws Exception {
        try (Http2Client client = client()) {
            assertThat(client.open(ask("connect-udp"), false).await().status()).isEqualTo("501");
        }
    }

    @Test
    void anOpenTunnelHasNoDeadline() throws Exception {
        for (long millis = 1000; !opens(millis); millis *= 2) {              // nobody knows how long that takes a busy machine
            assertThat(millis).isLessThan(30_000);
            rig.close();
            rig = new Rig();
        }
    }

    /** Whether a tunnel is open within so long; then it lasts longer. */
    private boolean opens(long millis) throws Exception {
        rig.mesh.rule.requestTimeout = TimeUnit.MILLISECONDS.toNanos(millis);
        rig.mesh.rule.backendTimeout = TimeUnit.MILLISECONDS.toNanos(millis - 100);
        http1(with -> {
            Thread.sleep(millis + 500);
            with.send("late");
            with.read();
        });
        try (Http2Client client = client()) {
            Http2Client.Call call = client.open(ask("websocket"), false).awaitHead();
            if (call.status().equals("504")) return false;
            rig.awaitEnds("101 COMPLETED");
            Rig.await(() -> call.body().equals("hilate"));
            return true;
        }
    }

    @Test
    void aResetOfTheBackendIsCancel() throws Exception {
        http1(with -> {
            with.read();
            with.reset();
        });
        try (Http2Client client = client()) {
            Http2Client.Call call = client.open(ask("websocket"), false).awaitHead();
            call.data("x", false);
            call.await();
            assertThat(call.ended).isFalse();
            assertThat(call.reset).isEqualTo(Http2Error.CANCEL.code());
        }
    }

    @Test
    void aResetByTheClientEndsTheBackendsConnection() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        http1(with -> {
            try {
                while (with.read() >= 0) { }
            } finally {
                ended.countDown();
            }
        });
        try (Http2Client client = client()) {
            Http2Client.Call call = client.open(ask("websocket"), false).awaitHead();
            call.cancel(Http2Error.CANCEL);
            assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
        }
    }
}
