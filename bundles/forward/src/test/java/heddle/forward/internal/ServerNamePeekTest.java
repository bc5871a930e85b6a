package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.plan.ClientPlan;
import heddle.api.plan.Failure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLSRoute (SPEC.md A11, B8): the server name of a ClientHello, however it is cut, and where the untouched bytes go. The hellos are a
 *  real client's. */
class ServerNamePeekTest {
    private final AtomicReference<String> asked = new AtomicReference<>();
    private Rig rig;

    @BeforeEach
    void start() throws Exception {
        start(TestSettings.of(1));
    }

    private void start(Settings settings) throws Exception {
        rig = new Rig(ClientPlan.Expect.HTTP, settings);
        rig.mesh.plan = new ClientPlan.Tls(name -> {
            asked.set(name);
            rig.mesh.target.failure = name.equals("a.shop") ? Failure.NONE : Failure.NO_ROUTE;
            return () -> rig.mesh.target;
        });
        rig.backend(new RecordingBackend(with -> {
            while (with.read() >= 0) { }
        }));
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    private static byte[] hello(String name) throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        if (!name.isEmpty()) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(name)));
            engine.setSSLParameters(parameters);
        }
        ByteBuffer out = ByteBuffer.allocate(65536);
        engine.wrap(ByteBuffer.allocate(0), out);
        return Arrays.copyOf(out.array(), out.position());
    }

    /** The same handshake in records of at most {@code size} bytes. */
    private static byte[] records(byte[] one, int size) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 5; at < one.length; at += size) {
            int n = Math.min(size, one.length - at);
            out.writeBytes(new byte[] {22, 3, 1, (byte) (n >> 8), (byte) n});
            out.write(one, at, n);
        }
        return out.toByteArray();
    }

    private static String name(byte[] bytes) {
        ByteBuf buffer = Unpooled.wrappedBuffer(bytes);
        return ServerNamePeek.serverName(buffer);
    }

    @Test
    void theNameIsReadInLowerCase() throws Exception {
        assertThat(name(hello("A.Shop"))).isEqualTo("a.shop");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 50, 16384})
    void aHelloCutOverRecordsIsTheSame(int size) throws Exception {
        assertThat(name(records(hello("a.shop"), size))).isEqualTo("a.shop");
    }

    @Test
    void everyPrefixOfAHelloAsksForMore() throws Exception {
        byte[] whole = hello("a.shop");
        for (int n = 0; n < whole.length; n++) assertThat(name(Arrays.copyOf(whole, n))).as("%d bytes", n).isNull();
        assertThat(name(whole)).isEqualTo("a.shop");
    }

    @Test
    void withoutANameThereIsNone() throws Exception {
        assertThat(name(hello(""))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1\r\n", "\u0016\u0002\u0001\u0000\u0005", "\u0015\u0003\u0001\u0000\u0002\u0001\u0000", "\u0016\u0003\u0001\u0000\u0004\u0002\u0000\u0000\u0000"})
    void whatIsNoHelloHasNoName(String bytes) {
        assertThat(name(bytes.getBytes(StandardCharsets.ISO_8859_1))).isEmpty();
    }

    @Test
    void aHelloThatClaimsMoreThanTheLimitIsNotWaitedFor() {
        assertThat(name(new byte[] {22, 3, 1, 0x40, 0, 1, 2, 0, 0})).isEmpty();
    }

    @Test
    void lengthsThatLeadOutOfTheHelloAreNoName() throws Exception {
        byte[] whole = hello("a.shop");
        for (int at = 9; at < whole.length; at++) {
            byte[] bent = whole.clone();
            bent[at] = (byte) 0xff;
            name(bent);                                                    // whatever it answers, it answers
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 100_000})
    void theUntouchedBytesReachTheRoutesBackend(int piece) throws Exception {
        byte[] hello = hello("a.shop");
        try (RawClient client = rig.client()) {
            for (int at = 0; at < hello.length; at += piece) client.socket.getOutputStream().write(hello, at, Math.min(piece, hello.length - at));
            client.send("and more");
            String expected = new String(hello, StandardCharsets.ISO_8859_1) + "and more";
            Rig.await(() -> rig.backend.received().equals(expected));
            assertThat(asked).hasValue("a.shop");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"b.shop", ""})
    void noMatchAndNoNameCloseTheConnection(String name) throws Exception {
        try (RawClient client = rig.client()) {
            client.socket.getOutputStream().write(hello(name));
            assertThatThrownBy(() -> {
                if (client.rest().isEmpty()) throw new IOException("closed");
            }).isInstanceOf(IOException.class);
            assertThat(asked).hasValue(name);
            assertThat(rig.backend.conversations).isEmpty();
        }
    }

    @Test
    void plainTextIsClosed() throws Exception {
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost: a.shop\r\n\r\n");
            assertThatThrownBy(() -> {
                if (client.rest().isEmpty()) throw new IOException("closed");
            }).isInstanceOf(IOException.class);
            assertThat(rig.backend.conversations).isEmpty();
        }
    }

    @Test
    void aHelloThatDoesNotComeIsNotWaitedForForEver() throws Exception {
        rig.close();
        start(TestSettings.impatient(new Settings.Http2Limits(5, 65536, 20, 50, 10, 16)));
        try (RawClient client = rig.client()) {
            client.socket.getOutputStream().write(hello("a.shop"), 0, 30);
            assertThat(client.rest()).isEmpty();
        } catch (IOException closed) {
            // before the bytes were there
        }
        Rig.await(() -> rig.forwarder.status().counters().get("slow_clients") == 1);
    }
}
