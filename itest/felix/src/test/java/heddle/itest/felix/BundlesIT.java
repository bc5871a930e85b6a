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
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every bundle resolves and starts; each that core drives can be stopped, started and updated while the others run, and requests
 *  are answered again afterwards; modules of each kind are swapped with no gap; a project of the archetype is deployed. */
class BundlesIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    @RegisterExtension static final FelixContainer FELIX = new FelixContainer();
    private static HttpServer backend;
    private static URI service;

    @BeforeAll static void route() throws IOException {
        backend = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        backend.createContext("/", exchange -> {
            Optional.ofNullable(exchange.getRequestHeaders().getFirst("x-stamp")).ifPresent(stamp -> exchange.getResponseHeaders().set("x-seen", stamp));
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
                  - matches: [{path: {type: PathPrefix, value: /stamped}}]
                    filters: [{type: ExtensionRef, extensionRef: {group: example.acme, kind: HeaderStamp, name: hello}}]
                    backendRefs: [{name: oven, port: PORT}]
                ---
                apiVersion: example.acme/v1
                kind: HeaderStamp
                metadata: {name: hello, namespace: foodprep}
                spec: {header: x-stamp, value: hello}
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

    /** Filters and balancers come from one bundle. */
    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"heddle.match", "heddle.policy", "heddle.forward", "heddle.source.file", "heddle.steer.bind", "heddle.telemetry"})
    void aModuleIsSwappedForthAndBackWithNoGap(String name, @TempDir Path temp) throws IOException {
        String first = id(name);
        Path jar = Distribution.HOME.resolve("bundles").resolve(name.replace('.', '-') + ".jar");
        String second = installed(Files.copy(jar, temp.resolve("copy.jar")));
        for (String swap : List.of(first + " " + second, second + " " + first)) {
            assertThat(succeed("mesh:swap " + swap)).contains(" 0 requests failed");
            assertThat(ask("/bake").headers().firstValue("x-mesh")).hasValue("heddle");
        }
        succeed("felix:uninstall " + second);
    }

    @Test void aProjectOfTheArchetypeIsDeployedAndLeaves(@TempDir Path temp) throws Exception {
        assertThat(ask("/stamped").statusCode()).as("nobody offers the filter").isEqualTo(500);
        String id = installed(ArchetypeProject.bundle(temp));
        succeed("felix:start " + id);
        await("/stamped", answer -> answer.headers().firstValue("x-seen").equals(Optional.of("hello")));
        succeed("felix:uninstall " + id);
        await("/stamped", answer -> answer.statusCode() == 500);
    }

    private static String installed(Path jar) throws IOException {
        String said = succeed("felix:install " + jar.toUri());
        Matcher id = Pattern.compile("Bundle IDs?: (\\d+)").matcher(said);
        assertThat(id.find()).as(said).isTrue();
        return id.group(1);
    }

    private static String succeed(String line) throws IOException {
        Shell.Answer answer = FELIX.shell().run(line);
        assertThat(answer.status()).as(line + ": " + answer.text()).isZero();
        return answer.text();
    }

    private static HttpResponse<String> ask(String path) throws IOException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(service.resolve(path)).timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException stopped) {
            throw new IOException(stopped);
        }
    }

    /** Asks until the answer is the route's; a bundle's update has a gap (DESIGN.md, "Hot swap"). */
    private static void awaitAnswer() throws IOException {
        await("/bake", answer -> answer.statusCode() == 200 && answer.headers().firstValue("x-mesh").equals(Optional.of("heddle")));
    }

    private static void await(String path, Predicate<HttpResponse<String>> wanted) throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        String last = "";
        while (System.nanoTime() < end) {
            try {
                HttpResponse<String> answer = ask(path);
                if (wanted.test(answer)) return;
                last = answer.statusCode() + " " + answer.body();
            } catch (IOException refused) {
                last = refused.toString();
            }
            LockSupport.parkNanos(20_000_000);
        }
        throw new IOException("no such answer within " + LIMIT + ": " + last);
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
