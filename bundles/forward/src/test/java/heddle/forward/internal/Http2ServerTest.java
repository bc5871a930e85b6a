package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;

import heddle.api.plan.ClientPlan;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2Error;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HTTP/2 clients in front of HTTP/1.1 backends: translation, framing, resets, limits and drain. */
class Http2ServerTest {
    private Rig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new Rig();
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    private Http2Client client() throws Exception {
        return new Http2Client(rig.address());
    }

    private void limits(Settings.Http2Limits limits) throws Exception {
        rig.close();
        rig = new Rig(ClientPlan.Expect.HTTP, TestSettings.of(1, limits));
    }

    private static Http2Client.Call answered(Http2Client client, String path, String... more) throws Exception {
        return client.get(path, more).await();
    }

    @Test
    void aRequestGoesOutAsHttp1AndItsAnswerComesBack() throws Exception {
        rig.backend(RecordingBackend.answering("HTTP/1.1 200 OK\r\nX-Case: Kept\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok"));
        try (Http2Client client = client()) {
            Http2Client.Call call = answered(client, "/a?b=c", "x-one", "1", "x-one", "2");
            assertThat(call.status()).isEqualTo("200");
            assertThat(call.header("x-case")).isEqualTo("Kept");
            assertThat(call.headers.contains("connection")).isFalse();
            assertThat(call.body()).isEqualTo("ok");
            assertThat(rig.backend.received()).startsWith("GET /a?b=c HTTP/1.1\r\nhost: front.shop:80\r\nx-one: 1\r\nx-one: 2\r\nx-request-id: ");
            rig.awaitEnds("200 COMPLETED");
        }
    }

    @Test
    void aPortThatDetectsItsProtocolServesHttp2() throws Exception {
        try (Rig detecting = new Rig(ClientPlan.Expect.DETECT, TestSettings.of(1)); Http2Client client = new Http2Client(detecting.address())) {
            detecting.backend(RecordingBackend.answering(RecordingBackend.OK));
            assertThat(answered(client, "/").body()).isEqualTo("ok");
        }
    }

    @Test
    void cookieCrumbsAreJoined() throws Exception {
        rig.backend(RecordingBackend.answering(RecordingBackend.OK));
        try (Http2Client client = client()) {
            answered(client, "/", "cookie", "a=1", "x-y", "z", "cookie", "b=2", "cookie", "c=3");
            assertThat(rig.backend.received()).contains("cookie: a=1; b=2; c=3\r\n").containsOnlyOnce("cookie:");
        }
    }

    @Test
    void aBodyOfUnknownLengthIsChunkedWithItsTrailers() throws Exception {
        rig.backend(RecordingBackend.answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-sum: 9\r\n\r\n"));
        try (Http2Client client = client()) {
            Http2Client.Call call = client.open(Http2Client.head("POST", "/"), false);
            call.data("hello ", false);
            call.data("world", false);
            call.trailers(new DefaultHttp2Headers().add("x-check", "7"));
            call.await();
            assertThat(call.body()).isEqualTo("ok");
            assertThat(call.trailers.get("x-sum")).hasToString("9");
            assertThat(rig.backend.received()).contains("transfer-encoding: chunked\r\n").endsWith("0\r\nx-check: 7\r\n\r\n");
            assertThat(rig.backend.conversations.getFirst().body).isEqualTo("hello world");
        }
    }

    @Test
    void aDeclaredLengthIsKept() throws Exception {
        rig.backend(RecordingBackend.answering(RecordingBackend.OK));
        try (Http2Client client = client()) {
            Http2Client.Call call = client.open(Http2Client.head("PUT", "/", "content-length", "3"), false);
            call.data("abc", true);
            assertThat(call.await().status()).isEqualTo("200");
            assertThat(rig.backend.received()).contains("content-length: 3\r\n").doesNotContain("chunked").endsWith("\r\n\r\nabc");
        }
    }

    @Test
    void streamsOfOneConnectionDoNotWaitForEachOther() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        rig.backend(new RecordingBackend(with -> {
            while (with.request()) {
                if (with.head.contains("/slow")) go.await(60, TimeUnit.SECONDS);
                with.send(RecordingBackend.OK);
            }
        }));
        try (Http2Client client = client()) {
            Http2Client.Call slow = client.get("/slow");
            for (int i = 0; i < 20; i++) assertThat(answered(client, "/fast").body()).isEqualTo("ok");
            assertThat(slow.ended).isFalse();
            go.countDown();
            assertThat(slow.await().body()).isEqualTo("ok");
        }
    }

    @ParameterizedTest
    @CsvSource({"connection,close", "keep-alive,5", "transfer-encoding,chunked", "upgrade,h2c", "proxy-connection,x", "te,gzip", "X-Upper,1", "bad name,1", ":path,/b",
        ":other,1", "host,elsewhere", "content-length,5", "x-v,' lead'"})
    void aMalformedRequestResetsItsStreamAlone(String name, String value) throws Exception {
        rig.backend(RecordingBackend.answering(RecordingBackend.OK));
        try (Http2Client client = client()) {
            Http2Client.Call bad = answered(client, "/", name, value);
            assertThat(bad.reset).isEqualTo(Http2Error.PROTOCOL_ERROR.code());
            assertThat(answered(client, "/good").body()).isEqualTo("ok");
            assertThat(rig.backend.received()).startsWith("GET /good ").containsOnlyOnce("HTTP/1.1\r\n");
        }
    }

    @ParameterizedTest
    @CsvSource({"/a b", "/../x", "/%zz", "/a\"b", "'/a#b'"})
    void aBadTargetIsAnswered400(String path) throws Exception {
        try (Http2Client client = client()) {
            assertThat(answered(client, path).status()).isEqualTo("400");
        }
    }

    @Test
    void connectIsNotServed() throws Exception {
        try (Http2Client client = client()) {
            Http2Client.Call call = client.open(new DefaultHttp2Headers().method("CONNECT").authority("a:80"), true).await();
            assertThat(call.status()).isEqualTo("501");
        }
    }

    @Test
    void ownFailuresOfGrpcAreTrailersOnly() throws Exception {
        try (Http2Client client = client()) {
            Http2Client.Call call = client.open(Http2Client.head("POST", "/none/x", "content-type", "application/grpc", "te", "trailers"), false).await();
            assertThat(call.status()).isEqualTo("200");
            assertThat(call.header("grpc-status")).isEqualTo("12");
            assertThat(call.header("content-type")).isEqualTo("application/grpc");
            assertThat(call.headers.contains("content-length")).isFalse();
            assertThat(call.bytes).hasValue(0);
            Rig.await(() -> call.reset == Http2Error.NO_ERROR.code());
        }
    }

    @Test
    void teReachesTheBackendOfGrpcOnly() throws Exception {
        rig.backend(RecordingBackend.answering(RecordingBackend.OK));
        try (Http2Client client = client()) {
            answered(client, "/", "te", "trailers");
            assertThat(rig.backend.received()).doesNotContain("te:");
            answered(client, "/", "te", "trailers", "content-type", "application/grpc+proto");
            assertThat(rig.backend.received()).contains("te: trailers\r\nconnection: te\r\n");
        }
    }

    @Test
    void aResetByTheClientCancelsTheBackendRequest() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        rig.backend(new RecordingBackend(with -> {
            with.readHead();
            if (with.read() < 0) ended.countDown();
        }));
        try (Http2Client client = client()) {
            Http2Client.Call call = client.get("/");
            Rig.await(() -> rig.backend.received().endsWith("\r\n\r\n"));
            call.cancel(Http2Error.CANCEL);
            assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
            rig.awaitEnds("0 CLIENT_GONE");
        }
    }

    @Test
    void aResponseCutOffIsResetAndNeverEnded() throws Exception {
        rig.backend(new RecordingBackend(with -> {
            with.request();
            with.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        }));
        try (Http2Client client = client()) {
            Http2Client.Call call = answered(client, "/");
            assertThat(call.ended).isFalse();
            assertThat(call.reset).isEqualTo(Http2Error.INTERNAL_ERROR.code());
            rig.awaitEnds("200 BROKEN_AFTER_HEAD");
        }
    }

    @Test
    void anInterimResponseIsPassedOn() throws Exception {
        rig.backend(new RecordingBackend(with -> {
            with.readHead();
            with.send("HTTP/1.1 100 Continue\r\n\r\n");
            with.line();
            with.send(RecordingBackend.OK);
        }));
        try (Http2Client client = client()) {
            Http2Client.Call call = client.open(Http2Client.head("POST", "/", "expect", "100-continue"), false);
            Rig.await(() -> call.informational == 100);
            call.data("x", true);
            assertThat(call.await().status()).isEqualTo("200");
        }
    }

    @Test
    void moreHeaderBytesThanTheLimitAre431() throws Exception {
        try (Http2Client client = client()) {
            assertThat(answered(client, "/", "x-long", "a".repeat(70_000)).status()).isEqualTo("431");
            String[] many = new String[500];
            for (int i = 0; i < many.length; i++) many[i] = "x" + i / 2;
            assertThat(answered(client, "/", many).status()).isEqualTo("431");
        }
    }

    @Test
    void moreResetsThanTheLimitEndTheConnection() throws Exception {
        limits(new Settings.Http2Limits(100, 65536, 10, 1000, 10, 16));
        rig.backend(new RecordingBackend(with -> with.request()));
        try (Http2Client client = client()) {
            try {
                for (int i = 0; i < 5000 && client.channel.isOpen() && client.goAway < 0; i++) client.get("/").cancel(Http2Error.CANCEL);
            } catch (Exception closed) {
                // the point of it
            }
            Rig.await(() -> !client.channel.isOpen());
            Rig.await(() -> rig.forwarder.status().counters().get("http2_floods") >= 1);
        }
    }

    @Test
    void aPingFloodEndsTheConnection() throws Exception {
        limits(new Settings.Http2Limits(100, 65536, 500, 50, 10, 16));
        try (Http2Client client = client()) {
            for (int i = 0; i < 2000; i++) client.channel.write(new DefaultHttp2PingFrame(i));
            client.channel.flush();
            Rig.await(() -> !client.channel.isOpen());
            Rig.await(() -> rig.forwarder.status().counters().get("http2_floods") >= 1);
        }
    }

    @Test
    void aDrainFinishesWhatWasBegunAndLeaves() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        rig.backend(new RecordingBackend(with -> {
            with.request();
            go.await(60, TimeUnit.SECONDS);
            with.send(RecordingBackend.OK);
        }));
        try (Http2Client client = client()) {
            Http2Client.Call open = client.get("/");
            Rig.await(() -> rig.backend.received().endsWith("\r\n\r\n"));
            var drained = rig.forwarder.drain(Duration.ofSeconds(60)).toCompletableFuture();
            Rig.await(() -> client.goAways == 2);
            assertThat(client.goAway).isZero();
            assertThat(drained).isNotDone();
            go.countDown();
            assertThat(open.await().body()).isEqualTo("ok");
            drained.get(60, TimeUnit.SECONDS);
            assertThat(rig.forwarder.status().counters().get("drain_resets")).isZero();
        }
    }

    @Test
    void anUploadOpensItsWindowOnlyAsTheBackendReads() throws Exception {
        long size = 64L * 1024 * 1024;
        CountDownLatch go = new CountDownLatch(1);
        AtomicLong received = new AtomicLong();
        rig.backend(new RecordingBackend(with -> {
            with.readHead();
            if (with.head.contains("/quick")) {
                with.send(RecordingBackend.OK);
                return;
            }
            go.await(60, TimeUnit.SECONDS);
            if (with.take(size, received)) with.send(RecordingBackend.OK);
        }));
        try (Http2Client client = client()) {
            Http2Client.Call call = client.open(Http2Client.head("POST", "/", "content-length", Long.toString(size)), false);
            AtomicLong sent = new AtomicLong();
            Thread writer = Thread.ofVirtual().start(() -> {
                for (long at = 0; at < size; at += 65536) {
                    call.data(Unpooled.wrappedBuffer(new byte[65536]), at + 65536 == size).awaitUninterruptibly();
                    sent.addAndGet(65536);
                }
            });
            long before = -1;
            while (sent.get() == 0 || sent.get() != before) {
                before = sent.get();
                Thread.sleep(300);
            }
            assertThat(sent.get()).isLessThan(size / 2);
            assertThat(answered(client, "/quick").status()).isEqualTo("200");
            go.countDown();
            assertThat(call.await().status()).isEqualTo("200");
            writer.join();
            assertThat(received).hasValue(size);
        }
    }

    @Test
    void aDownloadWaitsForItsWindowAndOthersGoOn() throws Exception {
        long size = 64L * 1024 * 1024;
        AtomicLong sent = new AtomicLong();
        rig.backend(new RecordingBackend(with -> {
            while (with.request()) {
                if (!with.head.contains("/big")) {
                    with.send(RecordingBackend.OK);
                    continue;
                }
                with.send("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n");
                byte[] block = new byte[65536];
                for (long at = 0; at < size; at += block.length) {
                    with.out.write(block);
                    sent.addAndGet(block.length);
                }
            }
        }));
        io.netty.handler.codec.http2.Http2Settings small = io.netty.handler.codec.http2.Http2Settings.defaultSettings().initialWindowSize(16384);
        try (Http2Client client = new Http2Client(rig.address(), small)) {
            Http2Client.Call big = client.open(Http2Client.head("GET", "/big"), true, false);
            long before = -1;
            while (sent.get() == 0 || sent.get() != before) {
                before = sent.get();
                Thread.sleep(300);
            }
            assertThat(sent.get()).isLessThan(size / 2);
            assertThat(big.bytes.get()).isLessThanOrEqualTo(65535);
            assertThat(answered(client, "/small").body()).isEqualTo("ok");
            long given = 0;
            while (big.bytes.get() < size) {
                long seen = big.bytes.get();
                if (seen > given) {
                    big.consume((int) (seen - given));
                    given = seen;
                } else {
                    Thread.sleep(1);
                }
                if (big.reset >= 0 || !client.channel.isOpen()) break;
            }
            assertThat(big.await().bytes).hasValue(size);
            assertThat(big.ended).isTrue();
        }
    }

    @Test
    void nothingLeaksWhenManyStreamsAreCutOff() throws Exception {
        rig.backend(RecordingBackend.answering("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + "x".repeat(100_000)));
        long before = ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
        try (Http2Client client = client()) {
            List<Http2Client.Call> calls = new ArrayList<>();
            for (int i = 0; i < 50; i++) calls.add(client.open(Http2Client.head("GET", "/"), true, false));
            for (Http2Client.Call call : calls) call.awaitHead();
        }
        Rig.await(() -> rig.forwarder.status().connections() == 0);
        assertThat(((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory() - before).isLessThan(64L * 1024 * 1024);
    }
}
