package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.plan.BackendPlan;
import heddle.api.plan.ClientPlan;
import heddle.api.plan.UpstreamTls;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** BackendTLSPolicy toward real TLS endpoints: trust, names, both protocols (SPEC.md B13). */
class UpstreamTlsTest {
    @TempDir static Path dir;
    private static SSLContext serverSide;
    private static SslContext http2Side;
    private static String ca;
    private static String otherCa;
    private static SSLServerSocket server;
    private static volatile String sniSeen = "";
    private static volatile String alpnSeen = "";
    private Rig rig;

    private static KeyStore make(String name, String san) throws Exception {
        Path store = dir.resolve(name);
        Process keytool = new ProcessBuilder(System.getProperty("java.home") + "/bin/keytool", "-genkeypair", "-alias", "k", "-keyalg", "EC", "-dname", "CN=x",
                "-ext", "san=" + san, "-validity", "30", "-storetype", "PKCS12", "-storepass", "secret", "-keystore", store.toString()).inheritIO().start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "secret".toCharArray());
        }
        return keys;
    }

    private static String pem(KeyStore keys) throws Exception {
        return "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(keys.getCertificate("k").getEncoded()) + "\n-----END CERTIFICATE-----\n";
    }

    @BeforeAll
    static void serve() throws Exception {
        KeyStore keys = make("one", "dns:back.shop,dns:*.wild.shop,uri:spiffe://mesh/back");
        ca = pem(keys);
        otherCa = pem(make("two", "dns:back.shop"));
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, "secret".toCharArray());
        serverSide = SSLContext.getInstance("TLS");
        serverSide.init(managers.getKeyManagers(), null, null);
        http2Side = SslContextBuilder.forServer((PrivateKey) keys.getKey("k", "secret".toCharArray()), (X509Certificate) keys.getCertificate("k"))
                .applicationProtocolConfig(new ApplicationProtocolConfig(ApplicationProtocolConfig.Protocol.ALPN, ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT, "h2")).build();
        server = (SSLServerSocket) serverSide.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    SSLSocket socket = (SSLSocket) server.accept();
                    socket.setHandshakeApplicationProtocolSelector((with, offered) -> offered.contains("http/1.1") ? "http/1.1" : "");
                    Thread.ofVirtual().start(() -> answer(socket));
                } catch (IOException closed) {
                    return;
                }
            }
        });
    }

    private static void answer(SSLSocket socket) {
        try (socket) {
            socket.startHandshake();
            if (socket.getSession() instanceof javax.net.ssl.ExtendedSSLSession session)
                sniSeen = session.getRequestedServerNames().toString();
            alpnSeen = socket.getApplicationProtocol();
            InputStream in = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            int seen = 0;
            while (true) {
                int b = in.read();
                if (b < 0) return;
                seen = (seen << 8 | b);
                head.append((char) b);
                if (seen == 0x0d0a0d0a && head.indexOf("websocket") > 0) {
                    echo(socket, head.toString());
                    return;
                }
                if (seen == 0x0d0a0d0a) socket.getOutputStream().write(RecordingBackend.OK.getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException refused) {
            // as some tests want it
        }
    }

    private static void echo(SSLSocket socket, String head) throws IOException {
        String key = head.lines().filter(line -> line.toLowerCase().startsWith("sec-websocket-key:")).findFirst().orElseThrow().substring(18).strip();
        socket.getOutputStream().write(("HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: " + WebSocketHandshake.accept(key)
                + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        for (int b; (b = socket.getInputStream().read()) >= 0; ) socket.getOutputStream().write(Character.toUpperCase(b));
    }

    @AfterAll
    static void close() throws Exception {
        server.close();
    }

    @BeforeEach
    void start() throws Exception {
        rig = new Rig();
        rig.mesh.target.endpoints((java.net.InetSocketAddress) server.getLocalSocketAddress());
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    private String get(String pem, String... names) throws Exception {
        rig.mesh.target.tls = Optional.of(new UpstreamTls("back.shop", pem, List.of(names)));
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            return client.response().substring(9, 12);
        }
    }

    @Test
    void aTrustedEndpointIsSpokenToWithItsServerName() throws Exception {
        assertThat(get(ca, "back.shop")).isEqualTo("200");
        assertThat(sniSeen).contains("back.shop");
        assertThat(get(ca)).isEqualTo("200");
    }

    @Test
    void anotherAuthorityIs503() throws Exception {
        assertThat(get(otherCa, "back.shop")).isEqualTo("503");
        assertThat(get("no certificate", "back.shop")).isEqualTo("503");
    }

    @Test
    void oneOfTheNamesMustBeInTheCertificate() throws Exception {
        assertThat(get(ca, "other.shop")).isEqualTo("503");
        assertThat(get(ca, "other.shop", "a.wild.shop")).isEqualTo("200");
        assertThat(get(ca, "a.b.wild.shop")).isEqualTo("503");
        assertThat(get(ca, "spiffe://mesh/back")).isEqualTo("200");
        assertThat(get(ca, "spiffe://mesh/other")).isEqualTo("503");
    }

    @Test
    void anEndpointThatSpeaksNoTlsIs503() throws Exception {
        rig.close();
        rig = new Rig(ClientPlan.Expect.HTTP, TestSettings.quickToConnect());
        rig.backend(RecordingBackend.answering(RecordingBackend.OK));
        assertThat(get(ca, "back.shop")).isEqualTo("503");
    }

    @Test
    void http1IsWhatIsAskedForWhereBothCouldBeSpoken() throws Exception {
        assertThat(get(ca)).isEqualTo("200");
        assertThat(alpnSeen).isEqualTo("http/1.1");
    }

    /** appProtocol kubernetes.io/wss: a WebSocket over TLS, from clients of both protocols. */
    @Test
    void webSocketsGoOverTls() throws Exception {
        rig.mesh.target.tls = Optional.of(new UpstreamTls("back.shop", ca, List.of()));
        try (RawClient client = rig.client()) {
            client.send("GET /chat HTTP/1.1\r\nHost: f\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n");
            assertThat(client.head()).startsWith("HTTP/1.1 101 ");
            client.send("ping");
            assertThat(client.read(4)).isEqualTo("PING");
        }
        try (Http2Client client = new Http2Client(rig.address())) {
            Http2Client.Call call = client.open(Http2Client.head("CONNECT", "/chat").set(":protocol", "websocket"), false).awaitHead();
            assertThat(call.status()).isEqualTo("200");
            call.data("pong", false);
            Rig.await(() -> call.body().equals("PONG"));
        }
    }

    @Test
    void http2GoesOverTlsToo() throws Exception {
        try (Http2Backend backend = new Http2Backend(Http2Settings.defaultSettings(), http2Side, request -> {
            request.head("200");
            request.data("secret", true);
        })) {
            rig.mesh.target.endpoints(backend.address());
            rig.mesh.target.protocol = BackendPlan.Protocol.H2C;
            rig.mesh.target.tls = Optional.of(new UpstreamTls("back.shop", ca, List.of()));
            try (RawClient client = rig.client()) {
                client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
                assertThat(client.response()).startsWith("HTTP/1.1 200 ").contains("secret");
                assertThat(backend.requests.getFirst().headers.scheme()).hasToString("https");
            }
        }
    }
}
