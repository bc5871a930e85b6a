package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Framing and connection rules of RFC 9110 and RFC 9112 through real sockets. */
class Http1SemanticsTest {
    private Rig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new Rig();
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    /** RFC 9112 §6.3: these have no body, whatever their fields say. */
    @Test
    void headNoContentAndNotModifiedHaveNoBody() throws Exception {
        rig.backend(new RecordingBackend(with -> {
            while (with.request()) {
                if (with.head.startsWith("HEAD")) with.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
                else if (with.head.contains("/204")) with.send("HTTP/1.1 204 No Content\r\n\r\n");
                else if (with.head.contains("/304")) with.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n");
                else with.send(RecordingBackend.OK);
            }
        }));
        try (RawClient client = rig.client()) {
            client.send("HEAD / HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response(true)).contains("Content-Length: 500").endsWith("\r\n\r\n");
            client.send("GET /204 HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).isEqualTo("HTTP/1.1 204 No Content\r\n\r\n");
            client.send("GET /304 HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).isEqualTo("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n");
            client.send("GET /200 HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).endsWith("ok");
        }
        assertThat(rig.backend.conversations).hasSize(1);
    }

    @Test
    void closeDelimitedResponsesBecomeChunkedForHttp11() throws Exception {
        rig.backend(new RecordingBackend(with -> {
            with.request();
            with.send("HTTP/1.0 200 OK\r\n\r\nall of it");
        }));
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).contains("transfer-encoding: chunked").endsWith("9\r\nall of it\r\n0\r\n\r\n");
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).endsWith("0\r\n\r\n");
        }
    }

    @Test
    void http10ClientsGetUnchunkedBodiesAndAClose() throws Exception {
        rig.backend(RecordingBackend.answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"));
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.0\r\n\r\n");
            assertThat(client.rest()).isEqualTo("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc");
        }
        assertThat(rig.backend.received()).startsWith("GET / HTTP/1.1\r\n").contains("host: ");
    }

    @Test
    void http10KeepAliveIsHonouredWhenTheLengthIsKnown() throws Exception {
        rig.backend(RecordingBackend.answering(RecordingBackend.OK));
        try (RawClient client = rig.client()) {
            for (int i = 0; i < 2; i++) {
                client.send("GET / HTTP/1.0\r\nHost: f\r\nConnection: keep-alive\r\n\r\n");
                assertThat(client.response()).contains("connection: keep-alive").endsWith("ok");
            }
        }
    }

    /** RFC 9110 §7.6.1, both ways. */
    @Test
    void hopByHopFieldsAreRemoved() throws Exception {
        rig.backend(RecordingBackend.answering(
                "HTTP/1.1 200 OK\r\nConnection: X-Hop, keep-alive\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nContent-Length: 0\r\nX-End: 2\r\n\r\n"));
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost: f\r\nConnection: X-Mine, TE\r\nX-Mine: 1\r\nTE: trailers\r\nKeep-Alive: 3\r\nProxy-Connection: x\r\nX-Kept: 4\r\n\r\n");
            assertThat(client.response()).isEqualTo("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-End: 2\r\n\r\n");
        }
        assertThat(rig.backend.received()).contains("X-Kept: 4").doesNotContain("X-Mine").doesNotContain("TE:").doesNotContain("onnection").doesNotContain("Keep-Alive");
    }

    @Test
    void requestIdIsKeptOrMade() throws Exception {
        rig.backend(RecordingBackend.answering(RecordingBackend.OK));
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost: f\r\nX-Request-ID: mine\r\n\r\n");
            client.response();
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            client.response();
        }
        assertThat(rig.backend.received()).containsOnlyOnce("X-Request-ID: mine").containsPattern("x-request-id: [0-9a-f]{32}\r\n");
    }

    @Test
    void expectContinueIsAnsweredByTheBackend() throws Exception {
        rig.backend(new RecordingBackend(with -> {
            with.readHead();
            with.send("HTTP/1.1 100 Continue\r\n\r\n");
            for (int i = 0; i < 4; i++) with.read();
            with.send(RecordingBackend.OK);
        }));
        try (RawClient client = rig.client()) {
            client.send("PUT / HTTP/1.1\r\nHost: f\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 100 ");
            client.send("body");
            assertThat(client.response()).startsWith("HTTP/1.1 200 ").doesNotContain("close");
        }
    }

    @Test
    void anAnswerInsteadOf100ClosesTheConnection() throws Exception {
        rig.backend(new RecordingBackend(with -> {
            with.readHead();
            with.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
            with.read();
        }));
        try (RawClient client = rig.client()) {
            client.send("PUT / HTTP/1.1\r\nHost: f\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
            assertThat(client.rest()).startsWith("HTTP/1.1 403 ").contains("connection: close");
        }
    }

    @Test
    void upgradesBecomeTunnels() throws Exception {
        rig.backend(new RecordingBackend(with -> {
            with.readHead();
            with.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\nfirst");
            StringBuilder got = new StringBuilder();
            for (int b; (b = with.read()) >= 0; ) got.append((char) b);
            with.send("echo " + got);
        }));
        try (RawClient client = rig.client()) {
            client.send("GET /chat HTTP/1.1\r\nHost: f\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\nearly");
            String head = client.head();
            assertThat(head).startsWith("HTTP/1.1 101 ").contains("connection: upgrade").contains("upgrade: websocket").contains("Sec-WebSocket-Accept: x");
            assertThat(client.read(5)).isEqualTo("first");
            client.send(" late").socket.shutdownOutput();
            assertThat(client.rest()).isEqualTo("echo early late");
        }
        assertThat(rig.backend.received()).contains("connection: upgrade\r\n").contains("upgrade: websocket\r\n");
        rig.awaitEnds("101 COMPLETED");
    }

    /** RFC 9113 §3.1: ignored, and answered in HTTP/1.1. */
    @Test
    void upgradeToH2cIsIgnored() throws Exception {
        rig.backend(RecordingBackend.answering(RecordingBackend.OK));
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost: f\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 200 ");
        }
        assertThat(rig.backend.received()).doesNotContain("pgrade").doesNotContain("HTTP2");
    }

    @Test
    void anUnaskedUpgradeIsABrokenBackend() throws Exception {
        rig.backend(new RecordingBackend(with -> {
            with.request();
            with.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
        }));
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 502 ");
        }
    }

    /** SPEC.md default failure codes. */
    @Test
    void failuresOfTheBackendHaveTheirCodes() throws Exception {
        rig.mesh.target.endpoints(rig.refusing());
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 503 ").contains("connect:");
            rig.mesh.target.endpoints();
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 503 ").contains("no-endpoint:");
            rig.mesh.target.failure = heddle.api.plan.Failure.INVALID_BACKEND;
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 500 ").contains("invalid-backend:");
            client.send("POST /p.S/M HTTP/1.1\r\nHost: f\r\nContent-Type: application/grpc+proto\r\nContent-Length: 0\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 200 ").contains("grpc-status: 14\r\n").contains("grpc-message: invalid-backend");
            rig.mesh.gone = true;
            rig.mesh.generation++;
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 503 ").contains("no-service:");
        }
        rig.awaitEnds("503 CONNECT_FAILED", "503 NO_ENDPOINT", "500 ANSWERED", "200 ANSWERED");
    }

    @Test
    void garbageOrAnEndBeforeTheHeadIs502() throws Exception {
        for (String answer : new String[] {"", "garbage\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "HTTP/1.1 200 OK\r\n folded\r\n\r\n"}) {
            try (RecordingBackend backend = new RecordingBackend(with -> {
                with.request();
                with.send(answer);
            }); RawClient client = rig.client()) {
                rig.mesh.target.endpoints(backend.address());
                client.send("POST / HTTP/1.1\r\nHost: f\r\nContent-Length: 1\r\n\r\nx");
                assertThat(client.response()).as(answer).startsWith("HTTP/1.1 502 ").contains("broken:");
            }
        }
    }

    /** Never a clean end: SPEC.md "after the head: the message is broken off". */
    @Test
    void aResponseBrokenOffUpstreamIsBrokenOffDownstream() throws Exception {
        for (String answer : new String[] {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"}) {
            try (RecordingBackend backend = new RecordingBackend(with -> {
                with.request();
                with.send(answer);
            }); RawClient client = rig.client()) {
                rig.mesh.target.endpoints(backend.address());
                client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
                assertThatThrownBy(client::rest).isInstanceOf(IOException.class).hasMessageContaining("reset");
            }
        }
    }

    @Test
    void aKeptConnectionThatTheBackendClosedIsReplacedUnseen() throws Exception {
        rig.backend(new RecordingBackend(with -> {
            with.request();
            with.send(RecordingBackend.OK);
            with.readHead();                                      // the second request arrives, and is dropped
        }));
        try (RawClient client = rig.client()) {
            for (int i = 0; i < 4; i++) {
                client.send("GET /" + i + " HTTP/1.1\r\nHost: f\r\n\r\n");
                assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            }
        }
        assertThat(rig.forwarder.status().counters().get("stale_retries")).isEqualTo(3);
    }

    @Test
    void anUnsafeRequestIsNotSentTwice() throws Exception {
        rig.backend(new RecordingBackend(with -> {
            with.request();
            with.send(RecordingBackend.OK);
            with.request();
        }));
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            client.response();
            client.send("POST / HTTP/1.1\r\nHost: f\r\nContent-Length: 2\r\n\r\nhi");
            assertThat(client.response()).startsWith("HTTP/1.1 502 ");
        }
        assertThat(rig.backend.received()).containsOnlyOnce("POST /");
    }

    @Test
    void anEarlyAnswerIsPassedOnWhileTheRequestStillComes() throws Exception {
        rig.backend(new RecordingBackend(with -> {
            with.readHead();
            with.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
            while (with.read() >= 0) { }
        }));
        try (RawClient client = rig.client()) {
            client.send("POST / HTTP/1.1\r\nHost: f\r\nContent-Length: 10\r\n\r\nhalf");
            assertThat(client.response()).startsWith("HTTP/1.1 413 ").endsWith("big");
            client.send("-rest!GET /b HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 413 ");
        }
        assertThat(rig.backend.conversations).hasSize(2);
    }

    @Test
    void aClientThatGoesCancelsTheBackend() throws Exception {
        boolean[] ended = new boolean[1];
        rig.backend(new RecordingBackend(with -> {
            with.request();
            ended[0] = with.read() < 0;
        }));
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            Rig.await(() -> rig.backend.received().endsWith("\r\n\r\n"));
        }
        Rig.await(() -> ended[0]);
        rig.awaitEnds("0 CLIENT_GONE");
    }

    @Test
    void aConnectionNobodySteeredIsClosed() throws Exception {
        rig.backend(RecordingBackend.answering(RecordingBackend.OK));
        rig.place.noRecord = true;
        try (RawClient client = rig.client()) {
            assertThat(client.rest()).isEmpty();
        }
        assertThat(rig.forwarder.status().counters().get("no_origin")).isEqualTo(1);
    }
}
