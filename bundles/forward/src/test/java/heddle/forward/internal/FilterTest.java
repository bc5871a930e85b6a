package heddle.forward.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.policy.BodyNeed;
import heddle.api.policy.Exchange;
import heddle.api.policy.Filter;
import heddle.api.policy.FilterAction;
import heddle.api.policy.OnLoop;
import heddle.api.policy.RequestEdit;
import heddle.api.policy.ResponseEdit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Filters on and off the loop, request side in order, response side in reverse. */
class FilterTest {
    private Rig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new Rig();
        rig.backend(RecordingBackend.answering("HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nok"));
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    /** Runs on the loop. */
    @OnLoop
    static class Inline implements Filter {
        private final BiFunction<RequestEdit, Exchange, FilterAction> ask;
        private final @Nullable BiConsumer<ResponseEdit, Exchange> tell;

        Inline(BiFunction<RequestEdit, Exchange, FilterAction> ask, @Nullable BiConsumer<ResponseEdit, Exchange> tell) {
            this.ask = ask;
            this.tell = tell;
        }

        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            return ask.apply(request, exchange);
        }

        @Override public void onResponse(ResponseEdit response, Exchange exchange) {
            if (tell != null) tell.accept(response, exchange);
        }

        @Override public boolean seesResponse() {
            return tell != null;
        }
    }

    /** The same, on the plugin executor. */
    record Away(Filter inner, BodyNeed need) implements Filter {
        @Override public FilterAction onRequest(RequestEdit request, Exchange exchange) {
            assertThat(Thread.currentThread().getName()).startsWith("heddle-filters");
            return inner.onRequest(request, exchange);
        }

        @Override public void onResponse(ResponseEdit response, Exchange exchange) {
            inner.onResponse(response, exchange);
        }

        @Override public boolean seesResponse() {
            return inner.seesResponse();
        }

        @Override public BodyNeed body() {
            return need;
        }
    }

    private static Filter tag(String tag) {
        return new Inline((request, exchange) -> {
            request.addHeader("X-Tags", tag);
            return FilterAction.CONTINUE;
        }, (response, exchange) -> response.addHeader("X-Tags", tag));
    }

    private String exchange(String request) throws Exception {
        try (RawClient client = rig.client()) {
            return client.send(request).response();
        }
    }

    @Test
    void requestSideInOrderResponseSideInReverse() throws Exception {
        rig.mesh.rule.filters = List.of(tag("a"), new Away(tag("b"), BodyNeed.NONE));
        rig.mesh.target.filters = List.of(tag("c"));
        assertThat(exchange("GET / HTTP/1.1\r\nHost: f\r\n\r\n")).contains("x-tags: c,b,a\r\n").endsWith("ok");
        assertThat(rig.backend.received()).contains("x-tags: a,b,c\r\n");
    }

    @Test
    void aReplyEndsTheChainAndRunsTheResponseSideOfThoseBefore() throws Exception {
        rig.mesh.rule.filters = List.of(tag("a"), new Inline((request, exchange) -> new FilterAction.Reply(302,
                List.of(new FilterAction.Field("Location", "http://x/")), new byte[0], "redirect"), null), tag("never"));
        assertThat(exchange("GET / HTTP/1.1\r\nHost: f\r\n\r\n")).startsWith("HTTP/1.1 302 Found\r\n").contains("location: http://x/").contains("x-tags: a\r\n");
        assertThat(rig.backend.received()).isEmpty();
        rig.awaitEnds("302 ANSWERED");
    }

    /** The body waits for the head, also when nothing more can come behind it. */
    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 2\r\n\r\nok", "Transfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n", "\r\nok"})
    void anEndpointMayCloseWhileAFilterLooksAtItsHead(String rest) throws Exception {
        try (RawClient client = slowlyFiltered(rest)) {
            assertThat(client.head()).startsWith("HTTP/1.1 200 ").contains("x-seen: yes\r\n");
            assertThat(client.rest().replaceAll("(?m)^\\d\r\n", "").replace("\r\n", "")).isEqualTo("ok");
        }
        rig.awaitEnds("200 COMPLETED");
    }

    @Test
    void anEndpointThatClosesTooSoonWhileAFilterLooksAtItsHeadBreaksTheMessage() throws Exception {
        try (RawClient client = slowlyFiltered("Content-Length: 3\r\n\r\nok")) {
            assertThatThrownBy(client::rest).isInstanceOf(IOException.class);
        }
        rig.awaitEnds("200 BROKEN_AFTER_HEAD");
    }

    /** A request whose endpoint closes behind its response, which a filter off the loop looks at for a while. */
    private RawClient slowlyFiltered(String rest) throws Exception {
        rig.backend.close();
        rig.backend(new RecordingBackend(with -> {
            with.readHead();
            with.send("HTTP/1.1 200 OK\r\n" + rest);
        }));
        rig.mesh.rule.filters = List.of(new Away(new Inline((request, exchange) -> FilterAction.CONTINUE, (response, exchange) -> {
            LockSupport.parkNanos(200_000_000);                   // time for the end of the endpoint's connection to come
            response.addHeader("X-Seen", "yes");
        }), BodyNeed.NONE));
        return rig.client().send("GET / HTTP/1.1\r\nHost: f\r\nConnection: close\r\n\r\n");
    }

    @Test
    void targetAndHostCanBeRewritten() throws Exception {
        rig.mesh.rule.filters = List.of(new Inline((request, exchange) -> {
            request.setTarget("/new path?q=1");
            request.setAuthority("other:81");
            request.removeHeader("x-gone");
            request.setHeader("Content-Length", "99");
            return FilterAction.CONTINUE;
        }, null));
        exchange("GET /old HTTP/1.1\r\nHost: f\r\nX-Gone: 1\r\n\r\n");
        assertThat(rig.backend.received()).startsWith("GET /new%20path?q=1 HTTP/1.1\r\n").contains("host: other:81\r\n").doesNotContain("Host: f")
                .doesNotContain("X-Gone").doesNotContainIgnoringCase("content-length");
    }

    @Test
    void aDecisionMayComeLater() throws Exception {
        CompletableFuture<FilterAction> later = new CompletableFuture<>();
        rig.mesh.rule.filters = List.of(new Inline((request, exchange) -> new FilterAction.Later(later), null), tag("after"));
        try (RawClient client = rig.client()) {
            client.send("POST / HTTP/1.1\r\nHost: f\r\nContent-Length: 4\r\n\r\nbody");
            Rig.await(() -> rig.forwarder.status().requestsInFlight() == 1);
            later.complete(FilterAction.CONTINUE);
            assertThat(client.response()).startsWith("HTTP/1.1 200 ");
        }
        assertThat(rig.backend.received()).contains("x-tags: after").endsWith("body");
    }

    @Test
    void aFilterThatThrowsIs500AndCounted() throws Exception {
        rig.mesh.rule.filters = List.of(new Inline((request, exchange) -> {
            throw new IllegalStateException("planned by the test");
        }, null));
        assertThat(exchange("GET / HTTP/1.1\r\nHost: f\r\n\r\n")).startsWith("HTTP/1.1 500 ").contains("filter-fault").doesNotContain("planned");
        rig.mesh.rule.filters = List.of(new Inline((request, exchange) ->
                new FilterAction.Later(CompletableFuture.failedFuture(new IllegalStateException("planned too"))), null));
        assertThat(exchange("GET / HTTP/1.1\r\nHost: f\r\n\r\n")).startsWith("HTTP/1.1 500 ");
        assertThat(rig.forwarder.status().counters().get("filter_faults")).isEqualTo(2);
    }

    @Test
    void aFilterThatHangsIsCutByTheRequestDeadlineAndTheNextRequestIsServed() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        rig.mesh.rule.requestTimeout = TimeUnit.MILLISECONDS.toNanos(50);
        rig.mesh.rule.filters = List.of(new Away(new Inline((request, exchange) -> {
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            request.setHeader("x-late", "1");
            return FilterAction.CONTINUE;
        }, null), BodyNeed.NONE));
        try (RawClient client = rig.client()) {
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 504 ");
            rig.mesh.rule.filters = List.of();
            rig.mesh.rule.requestTimeout = 0;
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            release.countDown();
            client.send("GET / HTTP/1.1\r\nHost: f\r\n\r\n");
            assertThat(client.response()).startsWith("HTTP/1.1 200 ");
        }
        assertThat(rig.backend.received()).doesNotContain("x-late");
    }

    @Test
    void aBufferedBodyIsGivenWholeAndThenForwarded() throws Exception {
        StringBuilder seen = new StringBuilder();
        rig.mesh.rule.filters = List.of(new Away(new Inline((request, exchange) -> {
            seen.append(new String(exchange.body().orElseThrow(), StandardCharsets.ISO_8859_1));
            return FilterAction.CONTINUE;
        }, null), new BodyNeed.Buffered(10, BodyNeed.WhenOver.REJECT)));
        assertThat(exchange("POST / HTTP/1.1\r\nHost: f\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n")).endsWith("ok");
        assertThat(seen).hasToString("helloworld");
        assertThat(rig.backend.received()).endsWith("\r\n\r\na\r\nhelloworld\r\n0\r\n\r\n");
        assertThat(exchange("POST / HTTP/1.1\r\nHost: f\r\nContent-Length: 11\r\n\r\nhello world")).startsWith("HTTP/1.1 413 ");
    }

    @Test
    void aBodyOverTheLimitMaySkipTheFilterAndIsStillWhole() throws Exception {
        rig.mesh.rule.filters = List.of(new Away(new Inline((request, exchange) -> {
            request.setHeader("x-body", String.valueOf(exchange.body().isPresent()));
            return FilterAction.CONTINUE;
        }, null), new BodyNeed.Buffered(100, BodyNeed.WhenOver.SKIP)));
        String body = "0123456789".repeat(30_000);
        assertThat(exchange("POST / HTTP/1.1\r\nHost: f\r\nContent-Length: 300000\r\n\r\n" + body)).endsWith("ok");
        assertThat(rig.backend.received()).contains("x-body: false").endsWith(body);
    }
}
