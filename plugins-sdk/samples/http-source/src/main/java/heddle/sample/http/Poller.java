package heddle.sample.http;

import heddle.api.source.Registration;
import heddle.api.source.SourceObserver;
import heddle.gateway.Document;
import heddle.gateway.ManifestDecoder;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Asks the server again and again, with its ETag, and tells the observers what is new. A thread of its own, which ends with close. */
final class Poller implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("heddle.sample.http");
    private static final int MOST_BYTES = 16 << 20;
    private final URI url;
    private final Duration every;
    private final Duration limit;
    private final ManifestDecoder decoder = new ManifestDecoder();
    private final HttpClient client;
    private final List<SourceObserver> observers = new ArrayList<>();
    private final Thread thread;
    private String tag = "";
    private String stale = "";
    private @Nullable Manifests last;

    /** @param limit for a whole answer: a timeout of the request's own would end with its head */
    Poller(URI url, Duration every, Duration limit) {
        this.url = url;
        this.every = every;
        this.limit = limit;
        this.client = HttpClient.newBuilder().connectTimeout(limit).build();
        this.thread = Thread.ofPlatform().daemon().name("http-source").start(this::run);
    }

    synchronized Registration add(SourceObserver observer) {
        observers.add(observer);
        Manifests known = last;
        if (known != null) observer.onState(known);
        if (!stale.isEmpty()) observer.onStale(stale);
        return () -> remove(observer);
    }

    private synchronized void remove(SourceObserver observer) {
        observers.remove(observer);
    }

    private void run() {
        try {
            while (true) {
                look();
                Thread.sleep(every);
            }
        } catch (InterruptedException closed) {
            // The source ends.
        }
    }

    private void look() throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(url);
        if (!tag.isEmpty()) request.header("if-none-match", tag);
        CompletableFuture<HttpResponse<String>> answer = client.sendAsync(request.build(), HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofString(), MOST_BYTES));
        try {
            HttpResponse<String> response = answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            switch (response.statusCode()) {
                case 200 -> {
                    take(response.body());
                    tag = response.headers().firstValue("etag").orElse("");
                }
                case 304 -> fresh();
                default -> stale(url + " answers " + response.statusCode());
            }
        } catch (ExecutionException away) {
            if (Thread.interrupted()) throw new InterruptedException();
            stale(url + " cannot be reached: " + away.getCause());
        } catch (TimeoutException late) {
            stale(url + " gave no whole answer in " + limit.toMillis() + " ms");
        } catch (RuntimeException bad) {
            stale("what " + url + " gives cannot be taken over: " + bad);
        } finally {
            answer.cancel(true);
        }
    }

    private synchronized void take(String text) {
        Manifests before = last;
        Manifests next = Manifests.of(Document.split(text), before, each -> decoder.decode(url.toString(), each));
        if (before != null && next.sameAs(before)) {
            fresh();
            return;
        }
        last = next;
        stale = "";
        for (SourceObserver observer : observers) observer.onState(next);
    }

    /** Nothing new; after a time away the last state is said to be good again. */
    private synchronized void fresh() {
        if (stale.isEmpty()) return;
        stale = "";
        Manifests known = last;
        if (known != null) {
            last = known = known.again();
            for (SourceObserver observer : observers) observer.onState(known);
        }
    }

    private synchronized void stale(String reason) {
        if (!reason.equals(stale)) LOG.log(Level.WARNING, "{0}; the last state stays in force", reason);
        stale = reason;
        for (SourceObserver observer : observers) observer.onStale(reason);
    }

    @Override public void close() {
        thread.interrupt();
        client.shutdownNow();
    }
}
