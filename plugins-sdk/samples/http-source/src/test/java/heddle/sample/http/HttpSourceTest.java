package heddle.sample.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import heddle.api.model.HttpRoute;
import heddle.api.source.Registration;
import heddle.api.source.RouteSource;
import heddle.api.source.SourceObserver;
import heddle.api.source.SourceState;
import heddle.testkit.RouteSourceContract;
import heddle.testkit.SourceListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpSourceTest extends RouteSourceContract {
    private final AtomicInteger unchanged = new AtomicInteger();
    private HttpServer server;
    private HttpSource source;
    private volatile Page page = new Page(route("first", "/first"), route("second", "/second"), How.WHOLE);
    private final CountDownLatch stopped = new CountDownLatch(1);

    private enum How { WHOLE, HANGING, AWAY }

    /** What the server gives: read once a request, or an answer would be half of one and half of the next. */
    private record Page(String first, String second, How how) {
        byte[] body() {
            return (first + second).getBytes(StandardCharsets.UTF_8);
        }

        Page second(String next) {
            return new Page(first, next, how);
        }

        Page how(How next) {
            return new Page(first, second, next);
        }
    }

    @BeforeEach void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(command -> Thread.ofVirtual().start(command));
        server.createContext("/", exchange -> {
            Page now = page;
            byte[] body = now.body();
            String tag = "\"" + Arrays.hashCode(body) + "\"";
            exchange.getResponseHeaders().set("etag", tag);
            if (now.how() == How.AWAY) {
                exchange.sendResponseHeaders(502, -1);
            } else if (tag.equals(exchange.getRequestHeaders().getFirst("if-none-match"))) {
                unchanged.incrementAndGet();
                exchange.sendResponseHeaders(304, -1);
            } else if (now.how() == How.HANGING) {
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body, 0, body.length / 2);
                exchange.getResponseBody().flush();
                untilStopped();
            } else {
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
            exchange.close();
        });
        server.start();
        source = source(Duration.ofSeconds(30));
    }

    /** @param limit for a whole answer */
    private HttpSource source(Duration limit) {
        return new HttpSource(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/manifests.yaml"), Duration.ofMillis(20), limit);
    }

    private void untilStopped() throws IOException {
        try {
            stopped.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @AfterEach void stop() {
        stopped.countDown();
        source.close();
        server.stop(0);
    }

    @Override protected RouteSource source() {
        return source;
    }

    @Override protected void setSecondPath(String path) {
        page = page.second(route("second", path));
    }

    @Override protected void removeSecond() {
        page = page.second("");
    }

    @Test
    void aServerThatIsAwayLeavesTheLastStateAndIsTakenUpAgain() throws Exception {
        SourceListener listener = new SourceListener();
        try (Registration on = source.subscribe(listener)) {
            long before = listener.await(state -> state.all(HttpRoute.class).size() == 2).revision();
            page = page.how(How.AWAY);
            await(() -> !listener.stale().isEmpty());
            assertThat(listener.stale().getFirst()).contains("answers 502");
            assertThat(listener.drain()).isEmpty();
            page = page.how(How.WHOLE);
            assertThat(listener.await(state -> state.revision() > before).all(HttpRoute.class)).hasSize(2);
        }
    }

    @Test
    void aBrokenDocumentKeepsItsObjectsLastGoodState() throws Exception {
        SourceListener listener = new SourceListener();
        try (Registration on = source.subscribe(listener)) {
            listener.await(state -> state.all(HttpRoute.class).size() == 2);
            setSecondPath("no-slash");
            assertThat(listener.await(state -> !state.problems().isEmpty()).all(HttpRoute.class)).hasSize(2);
            page = page.second("---\n{broken\n");
            assertThat(listener.await(state -> state.problems().stream().anyMatch(problem -> problem.object().isEmpty())).all(HttpRoute.class)).hasSize(2);
        }
    }

    @Test
    void anAnswerThatNeverEndsLeavesTheLastState() throws Exception {
        source.close();
        source = source(Duration.ofSeconds(2));
        SourceListener listener = new SourceListener();
        try (Registration on = source.subscribe(listener)) {
            listener.await(state -> state.all(HttpRoute.class).size() == 2);
            page = page.second(route("second", "/half")).how(How.HANGING);
            await(() -> listener.stale().stream().anyMatch(reason -> reason.contains("no whole answer in 2000 ms")));
            assertThat(listener.drain()).noneMatch(state -> secondIs(state, "/half")).allMatch(state -> state.all(HttpRoute.class).size() == 2);
            page = page.second(route("second", "/whole")).how(How.WHOLE);
            listener.await(state -> secondIs(state, "/whole"));
        }
    }

    @Test
    void anAnswerThatIsTooLargeLeavesTheLastState() throws Exception {
        SourceListener listener = new SourceListener();
        try (Registration on = source.subscribe(listener)) {
            listener.await(state -> state.all(HttpRoute.class).size() == 2);
            page = page.second("---\n#" + "x".repeat(17 << 20));
            await(() -> listener.stale().stream().anyMatch(reason -> reason.contains("cannot be reached")));
            assertThat(listener.drain()).isEmpty();
            setSecondPath("/whole");
            listener.await(state -> secondIs(state, "/whole"));
        }
    }

    private static boolean secondIs(SourceState state, String path) {
        return state.all(HttpRoute.class).stream().anyMatch(route -> route.rules().getFirst().matches().getFirst().path().value().equals(path));
    }

    /** A page of some proxy with status 200 is no empty state. */
    @Test
    void aPageThatIsNoManifestTakesNothingAway() throws Exception {
        SourceListener listener = new SourceListener();
        try (Registration on = source.subscribe(listener)) {
            listener.await(state -> state.all(HttpRoute.class).size() == 2);
            page = new Page("<html><body>Sign in</body></html>", "", How.WHOLE);
            assertThat(listener.await(state -> !state.problems().isEmpty()).all(HttpRoute.class)).hasSize(2);
        }
    }

    @Test
    void anObserverThatFailsDoesNotEndThePolling() throws Exception {
        SourceListener listener = new SourceListener();
        try (Registration failing = source.subscribe(new SourceObserver() {
            @Override public void onState(SourceState state) {
                if (Thread.currentThread().getName().equals("http-source")) throw new IllegalStateException("on purpose");
            }

            @Override public void onStale(String reason) {}
        }); Registration on = source.subscribe(listener)) {
            setSecondPath("/new");
            await(() -> listener.stale().stream().anyMatch(reason -> reason.contains("on purpose")));
            failing.close();
            listener.await(state -> secondIs(state, "/new"));
        }
    }

    @Test
    void settingsThatCannotBeAreNamed() {
        assertThatThrownBy(() -> new HttpSource(settings("ftp://x/", 5))).hasMessageContaining("heddle.sample.http:url: ftp://x/");
        assertThatThrownBy(() -> new HttpSource(settings("http://x/", 0))).hasMessageContaining("heddle.sample.http:seconds: 0");
    }

    private static HttpSource.Settings settings(String url, int seconds) {
        return new HttpSource.Settings() {
            @Override public String url() {
                return url;
            }

            @Override public int seconds() {
                return seconds;
            }

            @Override public Class<? extends java.lang.annotation.Annotation> annotationType() {
                return HttpSource.Settings.class;
            }
        };
    }

    @Test
    void whatDidNotChangeIsNotSentAgain() {
        await(() -> unchanged.get() > 3);
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(Condition condition) {
        for (long end = System.nanoTime() + 50_000_000_000L; !condition.holds(); LockSupport.parkNanos(2_000_000)) assertThat(System.nanoTime()).isLessThan(end);
    }
}
