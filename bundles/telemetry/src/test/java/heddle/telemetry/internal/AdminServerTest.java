package heddle.telemetry.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heddle.api.admin.ExplainQuery;
import heddle.api.admin.Explained;
import heddle.api.admin.MeshInspector;
import heddle.api.admin.MeshStatus;
import heddle.api.admin.RouteReport;
import heddle.api.admin.ServiceReport;
import heddle.api.source.Registration;
import heddle.api.telemetry.MetricSpec;
import java.lang.annotation.Annotation;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdminServerTest {
    private static final MetricSpec HITS = MetricSpec.of("heddle_hits_total", "Hits.", "route");
    private final PrometheusSink sink = new PrometheusSink();
    private final AdminServer server = new AdminServer(sink, settings("127.0.0.1:0"));
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach void stop() {
        server.stop();
        client.close();
    }

    @Test void countersAppearUnderTheirNameWithoutCreationTimes() throws Exception {
        sink.counter(HITS, "shop/cart").add(3);
        sink.counter(HITS, "shop/cart").add(2);
        String body = get("/metrics").body();
        assertThat(body).contains("heddle_hits_total{route=\"shop/cart\",} 5.0").contains("jvm_threads_current").doesNotContain("_created");
    }

    /** The daemon that is taken over has the address until it ends. */
    @Test void anAddressThatIsTakenIsWaitedFor() throws Exception {
        String address = "127.0.0.1:" + server.address().getPort();
        AdminServer next = new AdminServer(sink, settings(address));
        assertThat(next.address()).isNull();
        server.stop();
        long giveUp = System.nanoTime() + 30_000_000_000L;
        while (next.address() == null && System.nanoTime() < giveUp) Thread.onSpinWait();
        assertThat(client.send(HttpRequest.newBuilder(URI.create("http://" + address + "/healthz")).build(), HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(200);
        next.stop();
    }

    @Test void aRemovedSeriesIsGone() throws Exception {
        sink.counter(HITS, "shop/cart").add(1);
        sink.counter(HITS, "shop/pay").add(1);
        sink.remove(HITS, "shop/cart");
        assertThat(get("/metrics").body()).contains("shop/pay").doesNotContain("shop/cart");
    }

    @Test void histogramsKeepTheirBuckets() throws Exception {
        sink.histogram(MetricSpec.histogram("heddle_wait_seconds", "Wait.", new double[] {0.1, 1}, "backend"), "a").observe(0.5);
        assertThat(get("/metrics").body()).contains("heddle_wait_seconds_bucket{backend=\"a\",le=\"0.1\",} 0.0").contains("heddle_wait_seconds_bucket{backend=\"a\",le=\"1.0\",} 1.0");
    }

    @Test void oneNameCannotMeanTwoMetrics() {
        sink.counter(HITS, "shop/cart");
        assertThatThrownBy(() -> sink.gauge(HITS, "shop/cart")).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("heddle_hits_total");
        assertThatThrownBy(() -> sink.counter(MetricSpec.of("heddle_hits_total", "Hits.", "backend"), "x")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test void healthNeedsNothingAndReadinessNeedsCore() throws Exception {
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
        server.bind(mesh(false, "no steering"));
        assertThat(get("/readyz")).satisfies(answer -> {
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).isEqualTo("no steering\n");
        });
        MeshInspector ready = mesh(true);
        server.bind(ready);
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
        server.unbind(ready);
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
    }

    @Test void otherPathsAndMethodsAreRefused() throws Exception {
        assertThat(get("/metricsx").statusCode()).isEqualTo(404);
        assertThat(client.send(HttpRequest.newBuilder(uri("/metrics")).POST(HttpRequest.BodyPublishers.ofString("x")).build(), HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(405);
    }

    @Test void aTakenPortIsNoReasonToFail() {
        AdminServer second = new AdminServer(sink, settings("127.0.0.1:" + server.address().getPort()));
        assertThat(second.address()).isNull();
        second.stop();
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    }

    private static AdminServer.Settings settings(String address) {
        return new AdminServer.Settings() {
            @Override public String admin_address() {
                return address;
            }

            @Override public Class<? extends Annotation> annotationType() {
                return AdminServer.Settings.class;
            }
        };
    }

    private static MeshInspector mesh(boolean ready, String... missing) {
        return new MeshInspector() {
            @Override public MeshStatus status() {
                return new MeshStatus(ready, List.of(missing), 1, 0, 0, 0, 0, "none", List.of(), Optional.empty(), Optional.empty());
            }

            @Override public List<RouteReport> routes() {
                return List.of();
            }

            @Override public List<ServiceReport> services() {
                return List.of();
            }

            @Override public Explained explain(ExplainQuery query) {
                throw new UnsupportedOperationException();
            }

            @Override public Registration onPublished(Consumer<Published> listener) {
                return () -> {};
            }
        };
    }
}
