package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/1.1 as curl speaks it, through a route: framing, bodies, upgrade, hygiene. */
class HttpIT {
    private static Field field;

    @BeforeAll
    static void start() {
        field = Field.ofOne("- backendRefs: [{name: one, port: 8000}]\n");
    }

    @AfterAll
    static void end() {
        field.close();
    }

    private static String url(String path) {
        return "http://" + field.host(11) + ":8000" + path;
    }

    @Test
    void aConnectionIsKeptAlive() {
        String connects = Curl.raw(List.of(), Duration.ofSeconds(30), "-s", "-o", "/dev/null", "-w", "%{num_connects}\n", url("/[1-5]")).out();
        assertThat(connects.lines()).containsExactly("1", "0", "0", "0", "0");
    }

    @Test
    void requestIdIsMadeOrKept() {
        assertThat(Curl.get(url("/")).received("x-request-id")).isPresent();
        assertThat(Curl.get(url("/"), "-H", "x-request-id: mine").received("x-request-id")).hasValue("mine");
    }

    @Test
    void forwardedForIsLeftAsItIs() {
        assertThat(Curl.get(url("/")).received("x-forwarded-for")).isEmpty();
        assertThat(Curl.get(url("/"), "-H", "x-forwarded-for: 1.2.3.4").received("x-forwarded-for")).hasValue("1.2.3.4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/?bytes=50000000", "/?bytes=50000000&chunked=1"})
    void aLargeDownloadIsComplete(String path) {
        String size = Curl.raw(List.of(), Duration.ofSeconds(60), "-s", "-o", "/dev/null", "-w", "%{http_code} %{size_download}", url(path)).out();
        assertThat(size).isEqualTo("200 50000000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"content-length", "chunked"})
    void aLargeUploadIsComplete(String framing) throws IOException {
        Path body = Files.createTempFile("heddle-itest", ".body");
        try {
            Files.write(body, new byte[20_000_000]);
            Curl.Reply reply = Curl.get(url("/up"), "--data-binary", "@" + body, "-H", framing.equals("chunked") ? "transfer-encoding: chunked" : "x-none: 1");
            assertThat(reply.fact("bytes")).hasValue("20000000");
        } finally {
            Files.delete(body);
        }
    }

    @Test
    void expectContinueReachesTheBackendAndComesBack() {
        assertThat(Curl.get(url("/"), "-d", "hello", "-H", "Expect: 100-continue").fact("bytes")).hasValue("5");
    }

    @Test
    void answersWithoutABodyEndWhereTheyShould() {
        String out = Curl.raw(List.of(), Duration.ofSeconds(20), "-s", "-o", "/dev/null", "-w", "%{http_code} %{num_connects}\n", url("/?status={204,304,200}")).out();
        assertThat(out.lines()).containsExactly("204 1", "304 0", "200 0");
        assertThat(Curl.get(url("/"), "-I").status()).isEqualTo(200);
    }

    @Test
    void http10IsServed() {
        Curl.Reply reply = Curl.get(url("/old"), "--http1.0");
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.backend()).isEqualTo("one");
    }

    @Test
    void anUpgradeIsPassedBothWays() throws IOException {
        try (var socket = new java.net.Socket(field.host(11), 8000)) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write("GET /ws HTTP/1.1\r\nHost: one\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n".getBytes());
            String head = readUntil(socket.getInputStream(), "\r\n\r\n");
            assertThat(head).startsWith("HTTP/1.1 101 ").containsIgnoringCase("upgrade: websocket");
            socket.getOutputStream().write("ping-ping".getBytes());
            assertThat(readUntil(socket.getInputStream(), "ping-ping")).isEqualTo("ping-ping");
        }
    }

    @Test
    void curlUpgradesAWebSocket() {
        Command.Result result = Curl.raw(List.of(), Duration.ofSeconds(20), "-s", "-i", "-N", "-m", "5", "-H", "Connection: Upgrade", "-H", "Upgrade: websocket",
                "-H", "Sec-WebSocket-Version: 13", "-H", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", url("/ws"));
        assertThat(result.out()).startsWith("HTTP/1.1 101 ").containsIgnoringCase("x-backend: one");
    }

    /** SPEC.md, further decisions: each is 400 and the connection is closed */
    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nx: b\r\n folded\r\n\r\n",
            "GET / HTTP/1.1\nHost: a\n\n", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", "GET /../../x HTTP/1.1\r\nHost: a\r\n\r\n"})
    void malformedRequestsAre400AndTheConnectionIsClosed(String request) throws IOException {
        try (var socket = new java.net.Socket(field.host(11), 8000)) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(request.getBytes());
            byte[] answer = socket.getInputStream().readAllBytes();
            assertThat(new String(answer)).startsWith("HTTP/1.1 400 ");
        }
    }

    private static String readUntil(java.io.InputStream in, String end) throws IOException {
        StringBuilder text = new StringBuilder();
        while (!text.toString().endsWith(end)) {
            int c = in.read();
            if (c < 0) {
                throw new IOException("ended after: " + text);
            }
            text.append((char) c);
        }
        return text.toString();
    }
}
