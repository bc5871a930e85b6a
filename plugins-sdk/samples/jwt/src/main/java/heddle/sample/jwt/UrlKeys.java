package heddle.sample.jwt;

import com.nimbusds.jose.jwk.JWKSet;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.text.ParseException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A JWKS that a server gives. Fetched when it is first needed, again when it is older than {@code refresh} (in the background: requests go on
 *  with what there is), and when no key made a token's signature, for that at most once in {@link #PAUSE}. A failed fetch leaves the last keys;
 *  while there never were any, the server is asked once in {@link #RETRY} at most. */
final class UrlKeys implements Keys {
    static final Duration PAUSE = Duration.ofSeconds(5);
    static final Duration RETRY = Duration.ofSeconds(1);
    /** For the whole answer. */
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final System.Logger LOG = System.getLogger("heddle.sample.jwt");
    private static final int MOST_BYTES = 1 << 20;
    private final HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).followRedirects(HttpClient.Redirect.NORMAL).build();
    private final HttpRequest request;
    private final long refreshNanos;
    private final Duration limit;
    private @Nullable JWKSet keys;
    private @Nullable CompletableFuture<JWKSet> fetching;
    private @Nullable Throwable failure;
    private long fetched;

    UrlKeys(URI uri, Duration refresh) {
        this(uri, refresh, LIMIT);
    }

    UrlKeys(URI uri, Duration refresh, Duration limit) {
        this.request = HttpRequest.newBuilder(uri).header("accept", "application/jwk-set+json, application/json").build();
        this.refreshNanos = refresh.toNanos();
        this.limit = limit;
    }

    @Override public synchronized CompletionStage<JWKSet> now() {
        JWKSet known = keys;
        if (known == null) return fetch();
        if (System.nanoTime() - fetched >= refreshNanos) fetch();
        return CompletableFuture.completedFuture(known);
    }

    @Override public synchronized CompletionStage<JWKSet> again() {
        JWKSet known = keys;
        return known == null || System.nanoTime() - fetched >= PAUSE.toNanos() ? fetch() : CompletableFuture.completedFuture(known);
    }

    private CompletableFuture<JWKSet> fetch() {
        CompletableFuture<JWKSet> running = fetching;
        if (running != null) return running;
        Throwable last = failure;
        if (last != null && keys == null && System.nanoTime() - fetched < RETRY.toNanos()) return CompletableFuture.failedFuture(last);
        CompletableFuture<HttpResponse<String>> answer = client.sendAsync(request, HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofString(), MOST_BYTES));
        // a timeout of the request's own would end with the answer's head
        CompletableFuture<JWKSet> next = answer.copy().orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS).whenComplete((response, fault) -> answer.cancel(true))
                .thenApply(UrlKeys::parse).handle(this::taken);
        if (!next.isDone()) fetching = next;
        return next;
    }

    private static JWKSet parse(HttpResponse<String> response) {
        try {
            if (response.statusCode() != 200) throw new IOException("status " + response.statusCode());
            return JWKSet.parse(response.body());
        } catch (IOException | ParseException bad) {
            throw new CompletionException(bad);
        }
    }

    private synchronized JWKSet taken(@Nullable JWKSet next, @Nullable Throwable fault) {
        fetching = null;
        fetched = System.nanoTime();
        failure = fault;
        if (next != null) keys = next;
        JWKSet known = keys;
        if (fault != null) LOG.log(Level.WARNING, "{0} gives no keys{1}: {2}", request.uri(), known == null ? "" : ", the last ones stay in force", String.valueOf(fault.getCause()));
        if (known == null) throw new CompletionException(fault);
        return known;
    }

    @Override public void close() {
        client.shutdownNow();
    }
}
