package heddle.source.kube.internal;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Requests to one API server, over fabric8's client: kubeconfig and in-cluster credentials, their renewal, TLS, HTTP/2.
 *  Any thread; calls block, so they come from threads of this bundle. Closed once, which ends running watches. */
final class KubeApi implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration RENEW_AGAIN = Duration.ofMinutes(1);

    private final Config config;
    private final Duration limit;
    private final String server;
    private final KubeMetrics metrics;
    private final Set<AsyncBody> watches = ConcurrentHashMap.newKeySet();
    private final Semaphore oneList = new Semaphore(1);
    private volatile HttpClient http;
    /** Since the client was made. */
    private volatile boolean answered;
    private long renewedAt = System.nanoTime();
    private volatile boolean closed;

    private KubeApi(Config config, Duration limit, KubeMetrics metrics) {
        this.config = config;
        this.limit = limit;
        this.metrics = metrics;
        this.http = client(config);
        String url = config.getMasterUrl();
        this.server = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    /** The client looks its parts up by the thread's loader. */
    private static <T> T asOurs(Supplier<T> work) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(KubeApi.class.getClassLoader());
        try {
            return work.get();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static HttpClient client(Config config) {
        return asOurs(() -> new JdkHttpClientFactory().newBuilder(config).build());
    }

    /** @param kubeconfig a file, or "" for $KUBECONFIG, the service account of the pod, or ~/.kube/config, in that order
     *  @param limit for one answer
     *  @throws KubeException when the file cannot be used */
    static KubeApi connect(String kubeconfig, Duration limit, KubeMetrics metrics) throws KubeException {
        try {
            if (!kubeconfig.isEmpty() && !Files.isReadable(Path.of(kubeconfig))) {
                throw new KubeException("kubeconfig " + kubeconfig + ": cannot be read", 0);
            }
            Config config = asOurs(() -> kubeconfig.isEmpty() ? Config.autoConfigure(null) : Config.fromKubeconfig(new File(kubeconfig)));
            return new KubeApi(new ConfigBuilder(config).withRequestRetryBackoffLimit(0).withConnectionTimeout((int) limit.toMillis() * 4 / 5)
                    .withRequestTimeout((int) limit.toMillis()).withUserAgent("heddle").build(), limit, metrics);
        } catch (RuntimeException e) {
            throw new KubeException("kubeconfig " + (kubeconfig.isEmpty() ? "(found by itself)" : kubeconfig) + ": " + e.getMessage(), 0);
        }
    }

    /** Watches are broken off, and what comes goes over new connections: the old ones may be dead without knowing. They go when they have been
     *  idle for some time; to close their client would make requests that are just being sent fail in other ways. A client that never had an answer is kept for a
     *  minute: a server that takes connections and says nothing must not have us make ever more of them. */
    synchronized void renew() {
        if (closed || !answered && System.nanoTime() - renewedAt < RENEW_AGAIN.toNanos()) return;
        renewedAt = System.nanoTime();
        http = client(config);
        answered = false;
        watches.forEach(AsyncBody::cancel);
    }

    /** Whoever lists a kind holds it meanwhile. */
    Semaphore oneList() {
        return oneList;
    }

    String server() {
        return server;
    }

    Map<String, Object> get(String path) throws KubeException {
        return get(path, "application/json");
    }

    Map<String, Object> get(String path, String accept) throws KubeException {
        return send(http.newHttpRequestBuilder().uri(server + path).header("Accept", accept), "GET", path);
    }

    /** Sends one request and gives the answer's object.
     *  @throws KubeException for every answer that is no 2xx; its message is the server's */
    Map<String, Object> send(String method, String path, String contentType, String body) throws KubeException {
        return send(http.newHttpRequestBuilder().uri(server + path).header("Accept", "application/json").method(method, contentType, body),
                method, path);
    }

    private Map<String, Object> send(HttpRequest.Builder request, String method, String path) throws KubeException {
        if (closed) {
            throw new KubeException(method + " " + path + ": the daemon is stopping", 0);
        }
        HttpRequest limited = request.timeout(limit.toMillis(), TimeUnit.MILLISECONDS).build();
        HttpResponse<byte[]> answer = await(http.sendAsync(limited, byte[].class), limit.plusSeconds(1), method + " " + path);
        answered = true;
        metrics.request(method, answer.code());
        byte[] bytes = answer.body() == null ? new byte[0] : answer.body();
        if (answer.code() >= 300) {
            throw failure(method + " " + path, answer.code(), bytes);
        }
        return Json.object(bytes, 0, bytes.length);
    }

    /** Takes one event ({@code type}, {@code object}) off a watch. Called in order, never two at once. */
    interface EventConsumer {
        void accept(Map<String, Object> event) throws KubeException;
    }

    /** Watches until the server ends the stream; returns then.
     *  @throws KubeException when the stream breaks, the server refuses it, {@code longest} passes, or the consumer throws */
    void watch(String path, String accept, Duration longest, EventConsumer consumer) throws KubeException {
        HttpRequest request = http.newHttpRequestBuilder().uri(server + path).header("Accept", accept).forStreaming().build();
        var lines = new Lines(consumer);
        String what = "GET " + path;
        HttpResponse<AsyncBody> answer = await(http.consumeBytes(request, lines), limit, what);
        metrics.request("WATCH", answer.code());
        AsyncBody body = answer.body();
        watches.add(body);
        try {
            if (closed) {
                return;
            }
            body.consume();
            await(body.done(), answer.code() < 300 ? longest : limit, what);
            lines.rethrow();
            if (answer.code() >= 300) {
                throw failure(what, answer.code(), lines.rest());
            }
        } catch (KubeException e) {
            lines.rethrow();
            throw e;
        } finally {
            watches.remove(body);
            body.cancel();
        }
    }

    @Override public synchronized void close() {
        closed = true;
        watches.forEach(AsyncBody::cancel);
        http.close();
    }

    private static KubeException failure(String what, int code, byte[] bytes) {
        String message;
        try {
            message = Fields.text(Json.object(bytes, 0, bytes.length), "message");
        } catch (KubeException e) {
            message = new String(bytes, 0, Math.min(bytes.length, 200), StandardCharsets.UTF_8).strip();
        }
        return new KubeException(what + ": " + code + (message.isEmpty() ? "" : " " + message), code);
    }

    private static <T> T await(CompletableFuture<T> answer, Duration limit, String what) throws KubeException {
        try {
            return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw KubeException.silent(what + ": no answer within " + limit.toSeconds() + " s");
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            if (cause instanceof HttpTimeoutException && !(cause instanceof HttpConnectTimeoutException)) {
                throw KubeException.silent(what + ": no answer within " + limit.toSeconds() + " s");
            }
            throw cause instanceof KubeException ours ? ours : new KubeException(what + ": " + cause, 0);
        } catch (java.util.concurrent.CancellationException e) {
            throw new KubeException(what + ": given up", 0);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new KubeException(what + ": interrupted", 0);
        }
    }

    /** Cuts a watch's bytes into lines of JSON. Called by one thread at a time; asks for more only when a piece is dealt with. */
    private static final class Lines implements AsyncBody.Consumer<List<ByteBuffer>> {
        private final EventConsumer consumer;
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();
        private volatile @org.jspecify.annotations.Nullable KubeException failed;

        Lines(EventConsumer consumer) {
            this.consumer = consumer;
        }

        @Override public void consume(List<ByteBuffer> pieces, AsyncBody body) {
            try {
                for (ByteBuffer piece : pieces) {
                    take(piece);
                }
                body.consume();
            } catch (KubeException e) {
                failed = e;
                body.cancel();
            } catch (RuntimeException e) {
                failed = new KubeException("watch: " + e, 0);
                body.cancel();
            }
        }

        private synchronized void take(ByteBuffer piece) throws KubeException {
            while (piece.hasRemaining()) {
                int end = piece.position();
                while (end < piece.limit() && piece.get(end) != '\n') {
                    end++;
                }
                byte[] part = new byte[end - piece.position()];
                piece.get(part);
                line.writeBytes(part);
                if (!piece.hasRemaining()) {
                    return;
                }
                piece.get();
                byte[] bytes = line.toByteArray();
                line.reset();
                if (bytes.length > 0) {
                    Map<String, Object> event = Json.object(bytes, 0, bytes.length);
                    if (event.containsKey("type")) {
                        consumer.accept(event);
                    } else {
                        line.writeBytes(bytes);   // a Status of a refused watch
                    }
                }
            }
        }

        synchronized byte[] rest() {
            return line.toByteArray();
        }

        void rethrow() throws KubeException {
            KubeException failure = failed;
            if (failure != null) {
                throw failure;
            }
        }
    }
}
