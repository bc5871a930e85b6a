package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Issue "plugins", isolation: per-namespace quotas, so that one tenant cannot starve the node. Tenant "greedy" opens connections and
 *  requests without end, tenant "modest" works beside it and meets no error; both are known by the addresses of their workloads. */
class QuotaIT {
    private static final Duration WAIT = Duration.ofSeconds(120);
    private static final int CONNECTIONS = 40;
    private static final int REQUESTS = 10;
    private final AtomicInteger reset = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger served = new AtomicInteger();
    private volatile boolean ended;

    @Test
    void aTenantThatFloodsIsCutAndTheOtherMeetsNoError() throws InterruptedException {
        try (Field field = Field.onBind().set("quota.connections", String.valueOf(CONNECTIONS)).set("quota.requests", String.valueOf(REQUESTS))) {
            field.backend("oven", 101, "8080");
            field.manifest("shop.yaml", Yaml.workload("shop", "oven", 101, "oven") + Yaml.service("shop", "oven", 11, "8000:8080")
                    + Yaml.workload("greedy", "client", 21, "client") + Yaml.workload("modest", "client", 22, "client")
                    + Yaml.route("shop", "oven", "oven", "- backendRefs: [{name: oven, port: 8000}]\n"));
            field.start();
            Load modest = new Load(field.host(22), field.host(11), 8000, "/", 8, 200, true);
            List<Thread> flood = new ArrayList<>();
            try (modest) {
                for (int i = 0; i < 3 * CONNECTIONS; i++) flood.add(Thread.ofVirtual().start(() -> flood(field.host(21), field.host(11))));
                Await.until("refused connections", WAIT, () -> reset.get() > 2 * CONNECTIONS, field::log);
                Await.until("refused requests", WAIT, () -> refused.get() > 2 * REQUESTS, field::log);
                Await.until("requests served within the quota", WAIT, () -> served.get() > REQUESTS, field::log);
                long from = modest.answers();
                Await.until("the modest tenant's answers", WAIT, () -> modest.answers() > from + 1000, field::log);
                ended = true;
            }
            for (Thread each : flood) each.join();
            System.out.printf("quota: greedy had %d connections reset, %d requests refused, %d served; modest %d answers, failures %d%n", reset.get(), refused.get(), served.get(), modest.answers(),
                    modest.failures().size());
            assertThat(modest.failures()).isEmpty();
            assertThat(Curl.get("http://" + field.host(11) + ":8000/").status()).as("others").isEqualTo(200);
        }
    }

    /** Slow requests, as fast as they are let in. */
    private void flood(String from, String to) {
        while (!ended) {
            try (Socket socket = new Socket()) {
                socket.bind(new InetSocketAddress(from, 0));
                socket.connect(new InetSocketAddress(to, 8000), 30_000);
                socket.setSoTimeout(60_000);
                while (!ended) {
                    socket.getOutputStream().write("GET /?wait=200 HTTP/1.1\r\nHost: oven\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    byte[] answer = new byte[4096];
                    int n = socket.getInputStream().read(answer);
                    if (n < 0) throw new IOException("closed");
                    boolean over = new String(answer, 0, n, StandardCharsets.ISO_8859_1).startsWith("HTTP/1.1 503 ");
                    (over ? refused : served).incrementAndGet();
                    if (!over) break;                                // the rest of a long answer may come later
                    Thread.sleep(20);
                }
            } catch (IOException cut) {
                reset.incrementAndGet();
                pause();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
