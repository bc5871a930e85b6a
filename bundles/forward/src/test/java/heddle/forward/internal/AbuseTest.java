package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.plan.ClientPlan;
import io.netty.handler.codec.http2.Http2Error;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client may not do to us, with the counter that tells of it. Raw frames, because no library sends them. */
class AbuseTest {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int PRIORITY = 2;
    private static final int RST = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int CONTINUATION = 9;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    /** :method GET, :scheme http, :path /, :authority f */
    private static final byte[] GET = {(byte) 0x82, (byte) 0x86, (byte) 0x84, 0x41, 1, 'f'};
    private static final byte[] POST = {(byte) 0x83, (byte) 0x86, (byte) 0x84, 0x41, 1, 'f'};
    private static final Settings.Http2Limits LIMITS = new Settings.Http2Limits(5, 65536, 20, 50, 10, 16);
    private Rig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new Rig(ClientPlan.Expect.HTTP, TestSettings.of(1, LIMITS));
    }

    /** For tests of slowness alone: to all others a busy machine would be a slow client. */
    private void impatient() throws Exception {
        rig.close();
        rig = new Rig(ClientPlan.Expect.HTTP, TestSettings.impatient(LIMITS));
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    private void counted(String event) throws Exception {
        Rig.await(() -> rig.forwarder.status().counters().get(event) >= 1);
    }

    private void counted(String event, long times) throws Exception {
        Rig.await(() -> rig.forwarder.status().counters().get(event) == times);
    }

    private record Frame(int type, int flags, int stream, byte[] payload) {
        int code() {
            ByteBuffer bytes = ByteBuffer.wrap(payload);
            return type == GOAWAY ? bytes.getInt(4) : bytes.getInt(0);
        }
    }

    private static byte[] frame(int type, int flags, int stream, byte... payload) {
        return ByteBuffer.allocate(9 + payload.length).putShort((short) (payload.length >> 8)).put((byte) payload.length).put((byte) type).put((byte) flags)
                .putInt(stream).put(payload).array();
    }

    private RawClient http2() throws Exception {
        RawClient client = rig.client();
        client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        send(client, frame(SETTINGS, 0, 0));
        return client;
    }

    private static void send(RawClient client, byte[]... frames) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] frame : frames) all.writeBytes(frame);
        client.socket.getOutputStream().write(all.toByteArray());
    }

    /** Sends until the other side has had enough. */
    private static void flood(RawClient client, byte[] frame) {
        try {
            for (int i = 0; i < 20_000; i++) send(client, frame);
        } catch (IOException closed) {
            // the point of it
        }
    }

    /** All frames up to the end of the connection. */
    private static List<Frame> frames(RawClient client) {
        List<Frame> all = new ArrayList<>();
        try {
            DataInputStream in = new DataInputStream(client.socket.getInputStream());
            while (true) {
                int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
                int type = in.readUnsignedByte();
                int flags = in.readUnsignedByte();
                int stream = in.readInt();
                all.add(new Frame(type, flags, stream, in.readNBytes(length)));
            }
        } catch (IOException ended) {
            return all;
        }
    }

    private static void assertGoAway(RawClient client, Http2Error error) {
        List<Frame> all = frames(client);
        if (all.stream().anyMatch(frame -> frame.type == GOAWAY)) {                  // a reset may overtake it
            assertThat(all.stream().filter(frame -> frame.type == GOAWAY).map(Frame::code)).containsOnly((int) error.code());
        }
    }

    // heads

    @Test
    void aHeadThatDoesNotComeIs408() throws Exception {
        impatient();
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost:");
            assertThat(client.rest()).startsWith("HTTP/1.1 408 ");
            counted("slow_clients");
        }
    }

    @Test
    void aHeadThatTricklesIs408() throws Exception {
        impatient();
        try (RawClient client = rig.client()) {
            String head = "GET / HTTP/1.1\r\nHost: f\r\nx: " + "y".repeat(1000);
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    for (char c : head.toCharArray()) {
                        client.send(String.valueOf(c));
                        Thread.sleep(20);
                    }
                } catch (IOException | InterruptedException ended) {
                    // the point of it
                }
            });
            assertThat(client.rest()).startsWith("HTTP/1.1 408 ");
            writer.interrupt();
            counted("slow_clients");
        }
    }

    @ParameterizedTest
    @CsvSource({"431, x-long, 70000, 1", "431, x, 1, 201", "414, target, 70000, 0"})
    void aHeadThatIsTooLargeIsRefusedAndCounted(int status, String name, int size, int fields) throws Exception {
        try (RawClient client = rig.client()) {
            String target = fields == 0 ? "/" + "a".repeat(size) : "/";
            client.send("GET " + target + " HTTP/1.1\r\nHost: f\r\n" + (name + ": " + "a".repeat(size) + "\r\n").repeat(fields) + "\r\n");
            assertThat(client.rest()).startsWith("HTTP/1.1 " + status + " ");
            counted("headers_too_large");
        }
    }

    @Test
    void aHeadOfHttp2ThatIsTooLargeIsRefusedAndCounted() throws Exception {
        try (Http2Client client = new Http2Client(rig.address())) {
            assertThat(client.get("/", "x-long", "a".repeat(70_000)).await().status()).isEqualTo("431");
            String[] many = new String[410];
            for (int i = 0; i < many.length; i++) many[i] = "x" + i / 2;
            assertThat(client.get("/", many).await().status()).isEqualTo("431");
            counted("headers_too_large", 2);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aHeaderBlockThatDoesNotEndClosesTheConnection(boolean wholeFrame) throws Exception {
        impatient();
        try (RawClient client = http2()) {
            byte[] open = frame(HEADERS, END_STREAM, 1, GET);
            send(client, wholeFrame ? open : java.util.Arrays.copyOf(open, 12));
            assertGoAway(client, Http2Error.ENHANCE_YOUR_CALM);
            counted("slow_clients");
            counted("http2_floods");
        }
    }

    @Test
    void aHeaderBlockInManyPartsThatEndsInTimeIsServed() throws Exception {
        impatient();
        for (int busy = 0; !endsInTime(); busy++) {
            assertThat(busy).as("how often a busy machine was the slow client").isLessThan(20);
            impatient();
        }
    }

    /** False when this side took so long that the limit of {@link TestSettings#impatient} was over. */
    private boolean endsInTime() throws Exception {
        rig.backend(RecordingBackend.answering(RecordingBackend.OK));
        try (RawClient client = http2()) {
            long begun = System.nanoTime();
            try {
                send(client, frame(HEADERS, END_STREAM, 1, java.util.Arrays.copyOf(GET, 2)), frame(CONTINUATION, 0, 1, (byte) 0x84));
                byte[] last = frame(CONTINUATION, END_HEADERS, 1, (byte) 0x41, (byte) 1, (byte) 'f');
                send(client, java.util.Arrays.copyOf(last, 3));
                send(client, java.util.Arrays.copyOfRange(last, 3, last.length));
                Rig.await(() -> rig.forwarder.status().counters().get("requests") == 1 || System.nanoTime() - begun > 300_000_000);
            } catch (IOException closed) {
                if (System.nanoTime() - begun <= 300_000_000) throw closed;
            }
            if (System.nanoTime() - begun > 300_000_000) return false;
            rig.awaitEnds("200 COMPLETED");
            Thread.sleep(2500);                                                    // the next look at the connection: nothing is open
            assertThat(rig.forwarder.status().counters().get("slow_clients")).isZero();
            return true;
        }
    }

    @Test
    void aContinuationFloodClosesTheConnection() throws Exception {
        try (RawClient client = http2()) {
            send(client, frame(HEADERS, END_STREAM, 1, GET));
            flood(client, frame(CONTINUATION, 0, 1));
            assertGoAway(client, Http2Error.ENHANCE_YOUR_CALM);
            counted("http2_floods");
        }
    }

    // bodies

    @Test
    void aBodyThatDoesNotComeIs408() throws Exception {
        impatient();
        rig.backend(RecordingBackend.silent());
        try (RawClient client = rig.client()) {
            client.send("POST / HTTP/1.1\r\nHost: f\r\nContent-Length: 5\r\n\r\nab");
            assertThat(client.rest()).startsWith("HTTP/1.1 408 ");
            counted("slow_clients");
        }
    }

    @Test
    void aBodyOfHttp2ThatDoesNotComeIs408AndReset() throws Exception {
        impatient();
        rig.backend(RecordingBackend.silent());
        try (RawClient client = http2()) {
            send(client, frame(HEADERS, END_HEADERS, 1, POST), frame(DATA, 0, 1, (byte) 'a'));
            counted("slow_clients");
            rig.awaitEnds("408 CLIENT_GONE");
            send(client, frame(HEADERS, END_HEADERS | END_STREAM, 3, GET));           // the connection goes on
            Rig.await(() -> rig.forwarder.status().counters().get("requests") == 2);
        }
    }

    @Test
    void anEmptyDataFloodClosesTheConnection() throws Exception {
        rig.backend(RecordingBackend.silent());
        try (RawClient client = http2()) {
            send(client, frame(HEADERS, END_HEADERS, 1, POST));
            flood(client, frame(DATA, 0, 1));
            assertGoAway(client, Http2Error.ENHANCE_YOUR_CALM);
            counted("http2_floods");
        }
    }

    // connections

    enum Control { PING, SETTINGS, PRIORITY }

    @ParameterizedTest
    @EnumSource
    void aFloodOfControlFramesClosesTheConnection(Control kind) throws Exception {
        try (RawClient client = http2()) {
            flood(client, switch (kind) {
                case PING -> frame(PING, 0, 0, new byte[8]);
                case SETTINGS -> frame(SETTINGS, 0, 0);
                case PRIORITY -> frame(PRIORITY, 0, 1, new byte[5]);
            });
            assertGoAway(client, Http2Error.ENHANCE_YOUR_CALM);
            counted("http2_floods");
        }
    }

    @Test
    void rapidResetsCloseTheConnection() throws Exception {
        rig.backend(RecordingBackend.silent());
        try (RawClient client = http2()) {
            try {
                for (int id = 1; id < 20_000; id += 2) send(client, frame(HEADERS, END_HEADERS, id, POST), frame(RST, 0, id, (byte) 0, (byte) 0, (byte) 0, (byte) 8));
            } catch (IOException closed) {
                // the point of it
            }
            assertGoAway(client, Http2Error.ENHANCE_YOUR_CALM);
            counted("http2_floods");
            Rig.await(() -> rig.forwarder.status().requestsInFlight() == 0);
        }
    }

    @Test
    void moreStreamsThanTheLimitAreRefusedAlsoBeforeSettingsAreAcknowledged() throws Exception {
        rig.backend(RecordingBackend.silent());
        try (RawClient client = http2()) {
            for (int id = 1; id <= 13; id += 2) send(client, frame(HEADERS, END_HEADERS, id, POST));
            counted("http2_streams_refused", 2);
            assertThat(rig.forwarder.status().requestsInFlight()).isEqualTo(5);
        }
    }

    /** RFC 9113 §3.4: an invalid preface; no HTTP/1 answer would be understood. */
    @Test
    void aBrokenPrefaceIsClosedWithoutAnAnswer() throws Exception {
        try (RawClient client = rig.client()) {
            client.send("INVALID CONNECTION PREFACE\r\n\r\n");
            assertThat(client.rest()).isEmpty();
        }
        try (RawClient client = rig.client()) {
            assertThat(client.send("GET CONNECTION PREFACE\r\n\r\n").rest()).startsWith("HTTP/1.1 400 ");
        }
    }

    /** RFC 9113 §5.1, half-closed (remote). */
    @Test
    void headersAfterTheEndOfTheStreamAreStreamClosed() throws Exception {
        rig.backend(RecordingBackend.silent());
        try (RawClient client = http2()) {
            send(client, frame(HEADERS, END_HEADERS | END_STREAM, 1, GET));
            Rig.await(() -> rig.forwarder.status().counters().get("requests") == 1);
            send(client, frame(HEADERS, END_HEADERS | END_STREAM, 1, GET));
            Rig.await(() -> rig.forwarder.status().requestsInFlight() == 0);
            client.socket.shutdownOutput();
            assertThat(frames(client)).filteredOn(frame -> frame.type == RST).extracting(Frame::code).containsExactly((int) Http2Error.STREAM_CLOSED.code());
        }
    }
}
