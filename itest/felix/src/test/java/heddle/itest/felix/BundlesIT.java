package heddle.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every bundle resolves and starts; each that core drives can be stopped, started and updated while the others run, and requests
 *  are answered again afterwards. */
class BundlesIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    @RegisterExtension static final FelixContainer FELIX = new FelixContainer();
    private static HttpServer backend;
    private static URI service;

    @BeforeAll static void route() throws IOException {
        backend = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        backend.createContext("/", exchange -> {
            byte[] body = "baked\n".getBytes(java.nio.charset.StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        backend.start();
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.96.200.1"))) {
            port = free.getLocalPort();
        }
        service = URI.create("http://127.96.200.1:" + port + "/bake");
        Files.writeString(FELIX.manifests().resolve("oven.yaml"), """
                apiVersion: v1
                kind: Service
                metadata: {name: oven, namespace: foodprep}
                spec: {clusterIP: 127.96.200.1, ports: [{port: PORT, targetPort: 8080}]}
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: oven-1, namespace: foodprep, labels: {kubernetes.io/service-name: oven}}
                addressType: IPv4
                ports: [{port: BACKEND, protocol: TCP}]
                endpoints: [{addresses: [127.0.0.1], conditions: {ready: true}}]
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: oven, namespace: foodprep}
                spec:
                  parentRefs: [{group: "", kind: Service, name: oven}]
                  rules:
                  - matches: [{path: {type: PathPrefix, value: /bake}}]
                    filters: [{type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: x-mesh, value: heddle}]}}]
                    backendRefs: [{name: oven, port: PORT}]
                """.replace("PORT", String.valueOf(port)).replace("BACKEND", String.valueOf(backend.getAddress().getPort())));
        awaitAnswer();
    }

    @AfterAll static void stop() {
        if (backend != null) backend.stop(0);
    }

    @Test void everyBundleResolvesAndStarts() throws IOException {
        Map<String, String> states = states();
        for (Distribution.Line line : Distribution.bundles()) {
            String expected = switch (line.condition()) {
                case "fragment" -> "fragment";
                case "", "fallback" -> "active";
                default -> "installed";
            };
            assertThat(states.get(symbolicName(line))).as(line.name()).startsWith(expected);
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"heddle.match", "heddle.policy", "heddle.forward", "heddle.source.file", "heddle.steer.bind", "heddle.telemetry", "heddle.core"})
    void aBundleCanBeStoppedStartedAndUpdated(String name) throws IOException {
        Shell shell = FELIX.shell();
        String id = id(name);
        assertThat(shell.run("felix:stop " + id).status()).isZero();
        assertThat(states().get(name)).isEqualTo("stopped");
        assertThat(shell.run("felix:start " + id).status()).isZero();
        shell.awaitReady(LIMIT);
        awaitAnswer();
        assertThat(shell.run("felix:update " + id).status()).isZero();
        shell.awaitReady(LIMIT);
        awaitAnswer();
        assertThat(states().get(name)).isEqualTo("active");
    }

    /** Asks until the answer is the route's; a bundle's update has a gap (DESIGN.md, "Hot swap"). */
    private static void awaitAnswer() throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        String last = "";
        try (HttpClient client = HttpClient.newHttpClient()) {
            while (System.nanoTime() < end) {
                try {
                    HttpResponse<String> answer = client.send(HttpRequest.newBuilder(service).timeout(Duration.ofSeconds(5)).build(), HttpResponse.BodyHandlers.ofString());
                    if (answer.statusCode() == 200 && answer.headers().firstValue("x-mesh").equals(java.util.Optional.of("heddle"))) return;
                    last = answer.statusCode() + " " + answer.body();
                } catch (IOException refused) {
                    last = refused.toString();
                } catch (InterruptedException stopped) {
                    throw new IOException(stopped);
                }
                LockSupport.parkNanos(20_000_000);
            }
        }
        throw new IOException("no answer within " + LIMIT + ": " + last);
    }

    private static String symbolicName(Distribution.Line line) throws IOException {
        try (java.util.jar.JarFile jar = new java.util.jar.JarFile(line.jar().toFile())) {
            return jar.getManifest().getMainAttributes().getValue("Bundle-SymbolicName").split(";")[0];
        }
    }

    private static Map<String, String> states() throws IOException {
        Map<String, String> states = new TreeMap<>();
        table().forEach(row -> states.put(row[1], row[3]));
        return states;
    }

    private static String id(String name) throws IOException {
        return table().stream().filter(row -> row[1].equals(name)).findFirst().orElseThrow()[0];
    }

    private static List<String[]> table() throws IOException {
        return FELIX.shell().run("mesh:plugins --all").text().lines().skip(1).map(line -> line.split("\\s{2,}")).toList();
    }
}
