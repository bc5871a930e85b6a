package heddle.source.kube.internal;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;

/** A small API server: lists, watches with resume and expiry, merge patches of status, creation. Real HTTP on loopback. */
final class FakeApi implements AutoCloseable {
    /** Kinds by the path of all their objects. */
    private static final Map<String, String> CORE = Map.of("/api/v1/namespaces", "Namespace", "/api/v1/services", "Service",
            "/api/v1/pods", "Pod", "/apis/discovery.k8s.io/v1/endpointslices", "EndpointSlice");

    final List<String> requests = new CopyOnWriteArrayList<>();
    private final Map<String, Map<String, Map<String, Object>>> objects = new TreeMap<>();
    private final Map<String, String> kinds = new TreeMap<>();
    private final List<Event> log = new ArrayList<>();
    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
    private long revision = 100;
    private long oldest;
    private int refuse;
    private HttpServer server;
    /** Keeps the port while the server is away: bound and not listened on, nobody else is given it. */
    private final Socket place = new Socket();
    private final int port;
    /** Answers to the next writes, in place of success. */
    final LinkedBlockingQueue<Integer> writeFailures = new LinkedBlockingQueue<>();

    private record Event(String path, long revision, String type, Map<String, Object> object) {}

    private static final class Watcher {
        final String path;
        final LinkedBlockingQueue<Map<String, Object>> queue = new LinkedBlockingQueue<>();

        Watcher(String path) {
            this.path = path;
        }
    }

    FakeApi() throws IOException {
        CORE.keySet().forEach(path -> objects.put(path, new LinkedHashMap<>()));
        place.setReuseAddress(true);
        place.bind(new InetSocketAddress("127.0.0.1", 0));
        port = place.getLocalPort();
        server = start();
    }

    private HttpServer start() throws IOException {
        HttpServer started = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        started.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        started.createContext("/", this::handle);
        started.start();
        return started;
    }

    int port() {
        return port;
    }

    Path kubeconfig(Path folder) throws IOException {
        return kubeconfig(folder, port);
    }

    static Path kubeconfig(Path folder, int port) throws IOException {
        return Files.writeString(folder.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                current-context: c
                clusters: [{name: k, cluster: {server: "http://127.0.0.1:%d"}}]
                contexts: [{name: c, context: {cluster: k, user: u}}]
                users: [{name: u, user: {token: secret}}]
                """.formatted(port));
    }

    /** From now on the kind is served. */
    synchronized void serve(String path) {
        objects.putIfAbsent(path, new LinkedHashMap<>());
    }

    /** A kind that is asked for by its name. */
    synchronized void serve(String path, String kind) {
        serve(path);
        kinds.put(path, kind);
    }

    synchronized Map<String, Object> put(String path, Map<String, Object> object) {
        serve(path);
        Map<String, Object> copy = new LinkedHashMap<>(object);
        Map<String, Object> meta = new LinkedHashMap<>(Fields.map(object, "metadata"));
        meta.put("resourceVersion", Long.toString(++revision));
        copy.put("metadata", meta);
        boolean there = objects.get(path).put(name(copy), copy) != null;
        tell(new Event(path, revision, there ? "MODIFIED" : "ADDED", copy));
        return copy;
    }

    synchronized void delete(String path, String name) {
        Map<String, Object> gone = new LinkedHashMap<>(objects.get(path).remove(name));
        Map<String, Object> meta = new LinkedHashMap<>(Fields.map(gone, "metadata"));
        meta.put("resourceVersion", Long.toString(++revision));
        gone.put("metadata", meta);
        tell(new Event(path, revision, "DELETED", gone));
    }

    synchronized Map<String, Object> object(String path, String name) {
        return objects.get(path).get(name);
    }

    synchronized void bookmark(String path) {
        revision++;
        Map<String, Object> at = Map.of("metadata", Map.of("resourceVersion", Long.toString(revision)));
        watchers.stream().filter(each -> each.path.equals(path)).forEach(each -> each.queue.add(Map.of("type", "BOOKMARK", "object", at)));
    }

    /** Compaction: watches older than now are answered 410. */
    synchronized void compact() {
        oldest = revision;
    }

    /** The next requests of any kind are answered 503. */
    synchronized void refuse(int count) {
        refuse = count;
    }

    /** Kills every connection and the listener. */
    void stop() {
        server.stop(0);
        endWatches();
    }

    void restart() throws IOException {
        server = start();
    }

    /** Ends all watches the way a server does at its timeout. Those that come back find these forgotten. */
    synchronized void endWatches() {
        watchers.forEach(each -> each.queue.add(Map.of()));
        watchers.clear();
    }

    long watches(String path) {
        return watchers.stream().filter(each -> each.path.equals(path)).count();
    }

    @Override public void close() throws IOException {
        stop();
        place.close();
    }

    private void tell(Event event) {
        log.add(event);
        watchers.stream().filter(each -> each.path.equals(event.path))
                .forEach(each -> each.queue.add(Map.of("type", event.type, "object", event.object)));
    }

    static String name(Map<String, Object> object) {
        Map<String, Object> meta = Fields.map(object, "metadata");
        return Fields.text(meta, "namespace") + "/" + Fields.text(meta, "name");
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        requests.add(exchange.getRequestMethod() + " " + path + (query.equals("null") ? "" : "?" + query));
        try (exchange) {
            synchronized (this) {
                if (refuse > 0) {
                    refuse--;
                    answer(exchange, 503, Map.of("message", "not now"));
                    return;
                }
            }
            if (path.equals("/version")) {
                answer(exchange, 200, Map.of("major", "1"));
            } else if (!exchange.getRequestMethod().equals("GET")) {
                write(exchange, path);
            } else if (query.contains("watch=1")) {
                watch(exchange, path, Long.parseLong(query.replaceAll(".*resourceVersion=([0-9]+).*", "$1")));
            } else {
                read(exchange, path);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void read(HttpExchange exchange, String path) throws IOException {
        Map<String, Object> answer;
        synchronized (this) {
            if (objects.containsKey(path)) {
                answer = Map.of("metadata", Map.of("resourceVersion", Long.toString(revision)), "items", List.copyOf(objects.get(path).values()));
            } else if (path.matches("/apis/[^/]+/[^/]+")) {
                List<Map<String, String>> resources = objects.keySet().stream().filter(each -> each.startsWith(path + "/"))
                        .map(each -> Map.of("name", each.substring(path.length() + 1), "kind", kinds.getOrDefault(each, ""))).toList();
                answer = resources.isEmpty() ? Map.of() : Map.of("resources", resources);
            } else if (path.matches("/apis/[^/]+")) {
                answer = objects.keySet().stream().filter(each -> each.startsWith(path + "/")).findFirst()
                        .map(each -> Map.<String, Object>of("preferredVersion", Map.of("version", each.split("/")[3]))).orElse(Map.of());
            } else {
                Place place = place(path);
                Map<String, Object> object = objects.getOrDefault(place.collection, Map.of()).get(place.name);
                answer = object == null ? Map.of() : object;
            }
        }
        answer(exchange, answer.isEmpty() ? 404 : 200, answer.isEmpty() ? Map.of("message", "not found") : answer);
    }

    private void watch(HttpExchange exchange, String path, long from) throws IOException, InterruptedException {
        Watcher watcher = new Watcher(path);
        synchronized (this) {
            if (!objects.containsKey(path)) {
                answer(exchange, 404, Map.of("message", "not found"));
                return;
            }
            if (from < oldest) {
                watcher.queue.add(Map.of("type", "ERROR", "object", Map.of("code", 410, "message", "too old resource version")));
                watcher.queue.add(Map.of());
            } else {
                log.stream().filter(each -> each.path.equals(path) && each.revision > from)
                        .forEach(each -> watcher.queue.add(Map.of("type", each.type, "object", each.object)));
                watchers.add(watcher);
            }
        }
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        out.flush();
        for (Map<String, Object> event = watcher.queue.take(); !event.isEmpty(); event = watcher.queue.take()) {
            out.write((Json.text(event) + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
    }

    private void write(HttpExchange exchange, String path) throws IOException {
        byte[] bytes = exchange.getRequestBody().readAllBytes();
        Integer failure = writeFailures.poll();
        if (failure != null) {
            answer(exchange, failure, Map.of("message", "told to fail"));
            return;
        }
        try {
            Map<String, Object> body = Json.object(bytes, 0, bytes.length);
            synchronized (this) {
                String version = Fields.text(Fields.map(body, "metadata"), "resourceVersion");
                if (exchange.getRequestMethod().equals("POST")) {
                    Place place = place(path + "/" + Fields.text(Fields.map(body, "metadata"), "name"));
                    Map<String, Object> meta = new LinkedHashMap<>(Fields.map(body, "metadata"));
                    if (!place.name.startsWith("/")) {
                        meta.put("namespace", place.name.substring(0, place.name.indexOf('/')));
                    }
                    body.put("metadata", meta);
                    boolean taken = objects.getOrDefault(place.collection, Map.of()).containsKey(place.name);
                    answer(exchange, taken ? 409 : 201, taken ? Map.of("message", "exists") : put(place.collection, body));
                    return;
                }
                Place place = place(path.replaceFirst("/status$", ""));
                Map<String, Object> old = objects.getOrDefault(place.collection, Map.of()).get(place.name);
                if (old == null) {
                    answer(exchange, 404, Map.of("message", "not found"));
                } else if (!version.isEmpty() && !version.equals(Fields.text(Fields.map(old, "metadata"), "resourceVersion"))) {
                    answer(exchange, 409, Map.of("message", "the object has been modified"));
                } else if (exchange.getRequestMethod().equals("PATCH")) {
                    Map<String, Object> merged = new LinkedHashMap<>(old);
                    Map<String, Object> meta = new LinkedHashMap<>(Fields.map(old, "metadata"));
                    meta.putAll(Fields.map(body, "metadata"));
                    merged.putAll(body);
                    merged.put("metadata", meta);
                    answer(exchange, 200, put(place.collection, merged));
                } else {
                    answer(exchange, 200, put(place.collection, body));
                }
            }
        } catch (KubeException e) {
            answer(exchange, 400, Map.of("message", String.valueOf(e.getMessage())));
        }
    }

    private record Place(String collection, String name) {}

    /** {@code /apis/G/V/namespaces/NS/PLURAL/NAME} or {@code /apis/G/V/PLURAL/NAME}. */
    private static Place place(String path) {
        String[] parts = path.split("/");
        int root = parts[1].equals("api") ? 3 : 4;
        String base = String.join("/", List.of(parts).subList(0, root));
        boolean inside = parts.length == root + 4 && parts[root].equals("namespaces");
        return inside ? new Place(base + "/" + parts[root + 2], parts[root + 1] + "/" + parts[root + 3])
                : new Place(base + "/" + parts[root], "/" + parts[parts.length - 1]);
    }

    private static void answer(HttpExchange exchange, int code, Map<String, Object> body) throws IOException {
        byte[] bytes = Json.text(body).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
