package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** HTTP/1.1 through real sockets. */
class Http1ForwardTest {
    private Rig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new Rig();
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    @Test
    void keepAliveConnectionsCarryOneRequestAfterTheOther() throws Exception {
        rig.backend(RecordingBackend.answering(RecordingBackend.OK));
        try (RawClient client = rig.client()) {
            for (int i = 0; i < 3; i++) {
                client.send("GET /a" + i + " HTTP/1.1\r\nHost: front\r\nX-Odd:   v  \r\n\r\n");
                assertThat(client.response()).isEqualTo("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        }
        assertThat(rig.backend.conversations).hasSize(1);
        assertThat(rig.backend.received()).startsWith("GET /a0 HTTP/1.1\r\nHost: front\r\nX-Odd:   v  \r\nx-request-id: ").contains("GET /a2 ");
        rig.awaitEnds("200 COMPLETED", "200 COMPLETED", "200 COMPLETED");
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
        rig.backend(new RecordingBackend(with -> {
            while (with.request()) {
                String path = with.head.split(" ")[1];
                with.send("HTTP/1.1 200 OK\r\nContent-Length: " + path.length() + "\r\n\r\n" + path);
            }
        }));
        try (RawClient client = rig.client()) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < 50; i++) all.append("GET /p").append(i).append(" HTTP/1.1\r\nHost: f\r\n\r\n");
            client.send(all.toString());
            for (int i = 0; i < 50; i++) assertThat(client.response()).endsWith("/p" + i);
        }
        assertThat(rig.backend.conversations).hasSize(1);
    }

    @Test
    void bodiesAreForwardedByLengthAndByChunksWithTrailers() throws Exception {
        rig.backend(new RecordingBackend(with -> {
            while (with.request()) {
                with.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nX-Sum: " + with.body.length() + "\r\n\r\n");
            }
        }));
        try (RawClient client = rig.client()) {
            client.send("POST /l HTTP/1.1\r\nHost: f\r\nContent-Length: 5\r\n\r\nhello");
            assertThat(client.response()).endsWith("\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n").contains("transfer-encoding: chunked");
            client.send("POST /c HTTP/1.1\r\nHost: f\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\nwiki\r\n0\r\nX-T: 1\r\n\r\n");
            assertThat(client.response()).endsWith("X-Sum: 4\r\n\r\n");
        }
        assertThat(rig.backend.received()).contains("transfer-encoding: chunked\r\n\r\n4\r\nwiki\r\n0\r\nX-T: 1\r\n\r\n");
    }

    @Test
    void aMissIs404AndSaysWhy() throws Exception {
        rig.backend(RecordingBackend.answering(RecordingBackend.OK));
        try (RawClient client = rig.client()) {
            client.send("GET /none HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 404 Not Found\r\nserver: heddle\r\n").contains("no-route");
            client.send("GET /some HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void opaqueConnectionsAreRelayedWithHalfClose() throws Exception {
        rig.backend(new RecordingBackend(with -> {
            with.send("hello\n");
            StringBuilder all = new StringBuilder();
            for (int b; (b = with.read()) >= 0; ) all.append((char) b);
            with.send("got " + all);
        }));
        rig.mesh.relay();
        try (RawClient client = rig.client()) {
            assertThat(client.line()).isEqualTo("hello\n");
            client.send("some bytes");
            client.socket.shutdownOutput();
            assertThat(client.rest()).isEqualTo("got some bytes");
        }
    }
}
