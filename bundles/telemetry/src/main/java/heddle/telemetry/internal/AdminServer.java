package heddle.telemetry.internal;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import heddle.api.admin.MeshInspector;
import heddle.api.admin.MeshStatus;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** {@code /metrics}, {@code /healthz} and {@code /readyz} on threads of their own, so that a full event loop still answers its probe. */
@Component(service = AdminServer.class, immediate = true, configurationPid = "heddle.telemetry")
public final class AdminServer {
    private static final System.Logger LOG = System.getLogger("heddle.telemetry");
    private static final int THREADS = 2;
    private final PrometheusSink sink;
    private final AtomicReference<@Nullable MeshInspector> inspector = new AtomicReference<>();
    private final ExecutorService executor = Executors.newFixedThreadPool(THREADS, Thread.ofPlatform().daemon().name("heddle-admin-", 0).factory());
    private static final Duration RETRY = Duration.ofMillis(500);
    private final Thread waiting = Thread.ofPlatform().daemon().name("heddle-admin-wait").unstarted(this::waitForAddress);
    private final String address;
    private volatile @Nullable HttpServer server;
    private volatile boolean stopped;

    /** @see "launcher/conf/settings.list" */
    public @interface Settings {
        String admin_address() default "127.0.0.1:15020";
    }

    @Activate public AdminServer(@Reference PrometheusSink sink, Settings settings) {
        this.sink = sink;
        address = settings.admin_address();
        if (address.isEmpty()) return;
        try {
            listen();
        } catch (BindException taken) {
            LOG.log(Level.WARNING, "no /metrics and no /readyz yet: {0} is taken ({1}); trying until it is free, or choose another with --set admin.address=HOST:PORT", address, taken.getMessage());
            waiting.start();
        } catch (IOException | IllegalArgumentException bad) {
            LOG.log(Level.WARNING, "no /metrics and no /readyz: cannot listen at {0}: {1}; choose another with --set admin.address=HOST:PORT", address, bad.getMessage());
        }
    }

    private void listen() throws IOException {
        HttpServer started = HttpServer.create(parse(address), 64);
        started.setExecutor(executor);
        started.createContext("/metrics", guarded(this::metrics));
        started.createContext("/healthz", guarded(exchange -> answer(exchange, 200, "ok\n")));
        started.createContext("/readyz", guarded(this::ready));
        started.start();
        server = started;
        if (stopped) started.stop(0);
        LOG.log(Level.INFO, "admin server listens at http://{0}", text(started.getAddress()));
    }

    /** The daemon whose place this one takes has the address until it ends. */
    private void waitForAddress() {
        try {
            while (!stopped) {
                Thread.sleep(RETRY);
                try {
                    listen();
                    return;
                } catch (IOException taken) {
                    LOG.log(Level.DEBUG, "{0} is still taken: {1}", address, taken.getMessage());
                }
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    void bind(MeshInspector inspector) {
        this.inspector.set(inspector);
    }

    void unbind(MeshInspector inspector) {
        this.inspector.compareAndSet(inspector, null);
    }

    @Deactivate void stop() {
        stopped = true;
        waiting.interrupt();
        HttpServer running = server;
        if (running != null) running.stop(0);
        executor.shutdownNow();
    }

    /** Where it listens; for tests with port 0. */
    @Nullable InetSocketAddress address() {
        HttpServer running = server;
        return running == null ? null : running.getAddress();
    }

    private void metrics(HttpExchange exchange) throws IOException {
        String accepted = exchange.getRequestHeaders().getFirst("Accept");
        String type = TextFormat.chooseContentType(accepted);
        ByteArrayOutputStream body = new ByteArrayOutputStream(64 * 1024);
        try (Writer writer = new OutputStreamWriter(body, StandardCharsets.UTF_8)) {
            // The library adds a *_created series to each counter: as many again, and nobody asks for them.
            TextFormat.writeFormat(type, writer, sink.registry().filteredMetricFamilySamples(name -> !name.endsWith("_created")));
        }
        answer(exchange, 200, type, body.toByteArray());
    }

    private void ready(HttpExchange exchange) throws IOException {
        MeshInspector current = inspector.get();
        MeshStatus status = current == null ? null : current.status();
        List<String> missing = status == null ? List.of("core has not started") : status.notReady();
        if (status != null && status.ready()) answer(exchange, 200, "ready\n");
        else answer(exchange, 503, String.join("\n", missing.isEmpty() ? List.of("not ready") : missing) + "\n");
    }

    @FunctionalInterface
    private interface Page {
        void answer(HttpExchange exchange) throws IOException;
    }

    private static com.sun.net.httpserver.HttpHandler guarded(Page page) {
        return exchange -> {
            try (exchange) {
                if (!exchange.getHttpContext().getPath().equals(exchange.getRequestURI().getPath())) answer(exchange, 404, "not here; there are /metrics, /healthz and /readyz\n");
                else if (!exchange.getRequestMethod().equals("GET") && !exchange.getRequestMethod().equals("HEAD")) answer(exchange, 405, "GET only\n");
                else page.answer(exchange);
            } catch (RuntimeException failed) {
                LOG.log(Level.ERROR, "admin request failed", failed);
                answer(exchange, 500, "failed; the log says more\n");
            }
        };
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        answer(exchange, status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    private static void answer(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
        if (!head) exchange.getResponseBody().write(body);
    }

    static InetSocketAddress parse(String address) throws IOException {
        int colon = address.lastIndexOf(':');
        if (colon < 0) throw new IllegalArgumentException(address + " (expected: host:port)");
        return new InetSocketAddress(InetAddress.getByName(address.substring(0, colon)), Integer.parseInt(address.substring(colon + 1)));
    }

    private static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
