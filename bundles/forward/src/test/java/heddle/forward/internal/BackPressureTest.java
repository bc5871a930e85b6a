package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bodies far larger than what may be held, with a reader that stops: memory stays bounded, and every byte arrives. */
class BackPressureTest {
    private static final long SIZE = 192L * 1024 * 1024;
    private static final long BOUND = 24L * 1024 * 1024;
    private Rig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new Rig();
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    private static long held() {
        return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
    }

    private static void blast(OutputStream out, long size, AtomicLong sent) throws Exception {
        byte[] block = new byte[65536];
        for (int i = 0; i < block.length; i++) block[i] = (byte) i;
        for (long at = 0; at < size; at += block.length) {
            out.write(block, 0, (int) Math.min(block.length, size - at));
            sent.addAndGet(block.length);
        }
        out.flush();
    }

    /** The writer gets stuck while nobody reads: then what is held is measured. */
    private static long heldWhenStuck(AtomicLong sent) throws Exception {
        long before = -1;
        while (sent.get() == 0 || sent.get() != before) {
            before = sent.get();
            Thread.sleep(200);
        }
        return held();
    }

    @Test
    void aDownloadWaitsForItsReader() throws Exception {
        AtomicLong sent = new AtomicLong();
        rig.backend(new RecordingBackend(with -> {
            with.readHead();
            with.send("HTTP/1.1 200 OK\r\nContent-Length: " + SIZE + "\r\n\r\n");
            blast(with.out, SIZE, sent);
            with.readHead();
        }));
        try (RawClient client = rig.client()) {
            long before = held();
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            client.head();
            long stuck = heldWhenStuck(sent);
            assertThat(stuck - before).isLessThan(BOUND);
            assertThat(sent.get()).isLessThan(SIZE);
            assertThat(count(client.socket.getInputStream(), SIZE)).isEqualTo(SIZE);
            client.send("GET /none HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 404 ");
        }
    }

    @Test
    void anUploadWaitsForItsReader() throws Exception {
        AtomicLong sent = new AtomicLong();
        AtomicLong received = new AtomicLong();
        CountDownLatch go = new CountDownLatch(1);
        rig.backend(new RecordingBackend(with -> {
            with.readHead();
            go.await(60, TimeUnit.SECONDS);
            received.set(count(with.socket.getInputStream(), SIZE));
            with.send(RecordingBackend.OK);
            with.readHead();
        }));
        try (RawClient client = rig.client()) {
            long before = held();
            client.send("POST / HTTP/1.1\r\nHost: f\r\nContent-Length: " + SIZE + "\r\n\r\n");
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    blast(client.socket.getOutputStream(), SIZE, sent);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            long stuck = heldWhenStuck(sent);
            assertThat(stuck - before).isLessThan(BOUND);
            assertThat(sent.get()).isLessThan(SIZE);
            go.countDown();
            writer.join();
            assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            assertThat(received).hasValue(SIZE);
        }
    }

    @Test
    void aRelayWaitsForItsReader() throws Exception {
        AtomicLong sent = new AtomicLong();
        rig.backend(new RecordingBackend(with -> blast(with.out, SIZE, sent)));
        rig.mesh.relay();
        try (RawClient client = rig.client()) {
            long before = held();
            long stuck = heldWhenStuck(sent);
            assertThat(stuck - before).isLessThan(BOUND);
            assertThat(sent.get()).isLessThan(SIZE);
            assertThat(count(client.socket.getInputStream(), Long.MAX_VALUE)).isEqualTo(SIZE);
        }
    }

    /** What the endpoint left behind when it closed is still owed to a client that takes it slowly. */
    @Test
    void anEndpointThatClosesBehindItsResponseCutsNothingOff() throws Exception {
        int chunks = 64 * 1024;
        AtomicLong sent = new AtomicLong();
        rig.backend(new RecordingBackend(with -> {
            with.readHead();
            with.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            byte[] chunk = ("200\r\n" + "x".repeat(512) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
            for (int i = 0; i < chunks; i++) {
                with.out.write(chunk);
                sent.addAndGet(512);
            }
            with.send("0\r\n\r\n");
        }));
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost: f\r\nConnection: close\r\n\r\n");
            client.head();
            heldWhenStuck(sent);
            InputStream in = client.socket.getInputStream();
            byte[] block = new byte[65536];
            long content = 0;
            String tail = "";
            for (int n; (n = in.read(block)) > 0; ) {
                for (int i = 0; i < n; i++) if (block[i] == 'x') content++;
                tail = new String(block, Math.max(0, n - 5), Math.min(5, n), StandardCharsets.ISO_8859_1);
                Thread.sleep(1);                                  // slower than what comes
            }
            assertThat(content).isEqualTo(512L * chunks);
            assertThat(tail).endsWith("0\r\n\r\n");
        }
    }

    /** Counts up to {@code limit} bytes and checks the pattern. */
    private static long count(InputStream in, long limit) throws Exception {
        byte[] block = new byte[65536];
        long n = 0;
        while (n < limit) {
            int got = in.read(block, 0, (int) Math.min(block.length, limit - n));
            if (got < 0) return n;
            for (int i = 0; i < got; i += 997) if (block[i] != (byte) (n + i)) throw new AssertionError("byte " + (n + i) + " is wrong");
            n += got;
        }
        return n;
    }
}
