package heddle.source.kube.internal;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** List, then watch, of one kind, on a thread of its own until interrupted. A broken watch resumes where it was; a resourceVersion that
 *  the server no longer has (410) means a new list; bookmarks keep it young. A kind that the server does not have is asked for again
 *  when a CRD appears, and each 30 s. Rules: the API server's "efficient detection of changes". */
final class KindWatch implements Runnable {
    /** Where what is read goes. Called from this kind's thread and its connection's, never two at once. */
    interface Sink {
        void listed(Resource resource, String version, List<Map<String, Object>> objects);

        void changed(Resource resource, Map<String, Object> object);

        void deleted(Resource resource, Map<String, Object> object);

        /** The kind cannot be had for now, for a reason that does not lie in the connection. */
        void missing(Resource resource, String reason);
    }

    private static final String JSON = "application/json";
    private static final String METADATA = "application/json;as=PartialObjectMetadata%s;g=meta.k8s.io;v=v1,application/json";
    private static final Logger LOG = System.getLogger(KindWatch.class.getName());
    private static final int PAGE = 250;
    private static final Duration RECHECK = Duration.ofSeconds(30);

    private final KubeApi api;
    private final ApiGate gate;
    private final KubeMetrics metrics;
    private final Resource resource;
    private final Sink sink;
    private final Semaphore poke = new Semaphore(0);
    private volatile String resourceVersion = "";
    private String said = "";

    KindWatch(KubeApi api, ApiGate gate, KubeMetrics metrics, Resource resource, Sink sink) {
        this.api = api;
        this.gate = gate;
        this.metrics = metrics;
        this.resource = resource;
        this.sink = sink;
    }

    /** A CRD changed: a missing kind may be there now. */
    void poke() {
        poke.release();
    }

    @Override public void run() {
        Optional<String> version = Optional.empty();
        while (!Thread.currentThread().isInterrupted()) {
            try {
                if (version.isEmpty()) {
                    poke.drainPermits();                              // before it is asked: a CRD that comes now is asked for once more
                    version = served();
                }
                if (version.isEmpty()) {
                    absent(resource.label() + " is not served (no CRD?)");
                    continue;
                }
                if (resourceVersion.isEmpty()) {
                    list(version.get());
                }
                watch(version.get());
            } catch (KubeException e) {
                try {
                    version = recover(e, version);
                } catch (InterruptedException stop) {
                    return;
                }
            } catch (InterruptedException stop) {
                return;
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, resource.label() + ": the watch failed and starts again", e);
                resourceVersion = "";
                LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
            }
        }
    }

    private Optional<String> recover(KubeException failure, Optional<String> version) throws InterruptedException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedException();
        }
        if (failure.expired()) {
            LOG.log(Level.INFO, "{0}: the server no longer has resourceVersion {1}, listing again", resource.label(), resourceVersion);
            resourceVersion = "";
            return version;
        }
        if (failure.unreachable()) {
            LOG.log(Level.DEBUG, "{0}: {1}", resource.label(), failure.getMessage());
            gate.await(failure);
            return version;
        }
        resourceVersion = "";
        absent(failure.getMessage());
        return Optional.empty();
    }

    private void absent(String reason) throws InterruptedException {
        if (!said.equals(reason)) {
            said = reason;
            LOG.log(Level.INFO, "{0}; asked again when a CRD changes and every {1} s", reason, RECHECK.toSeconds());
        }
        sink.missing(resource, reason);
        poke.tryAcquire(RECHECK.toMillis(), TimeUnit.MILLISECONDS);
    }

    private Optional<String> served() throws KubeException {
        for (String version : resource.versions()) {
            if (resource.group().isEmpty()) {
                return Optional.of(version);
            }
            try {
                Map<String, Object> answer = api.get(resource.root(version));
                if (Fields.list(answer, "resources").stream().anyMatch(each -> Fields.text(each, "name").equals(resource.plural()))) {
                    return Optional.of(version);
                }
            } catch (KubeException e) {
                if (e.code() != 404) {
                    throw e;
                }
            }
        }
        return Optional.empty();
    }

    /** In pages, so that a big cluster's list does not lie in memory as one text; one kind after the other, so that only one lies there as JSON. */
    private void list(String version) throws KubeException {
        api.oneList().acquireUninterruptibly();
        try {
            listAll(version);
        } finally {
            api.oneList().release();
        }
    }

    private void listAll(String version) throws KubeException {
        metrics.list(resource.kind());
        List<Map<String, Object>> objects = new ArrayList<>();
        String next = "";
        String at;
        do {
            Map<String, Object> page = api.get(resource.path(version) + "?limit=" + PAGE
                    + (resource.selector().isEmpty() ? "" : "&" + resource.selector())
                    + (next.isEmpty() ? "" : "&continue=" + java.net.URLEncoder.encode(next, java.nio.charset.StandardCharsets.UTF_8)),
                    resource.metadataOnly() ? METADATA.formatted("List") : JSON);
            List<Map<String, Object>> items = Fields.list(page, "items");
            items.forEach(KindWatch::lighten);
            objects.addAll(items);
            Map<String, Object> meta = Fields.map(page, "metadata");
            next = Fields.text(meta, "continue");
            at = Fields.text(meta, "resourceVersion");
        } while (!next.isEmpty());
        sink.listed(resource, version, objects);
        said = "";
        resourceVersion = at;
    }

    /** Who wrote which field is half of an object, and nothing to us: a long list is held without. */
    private static void lighten(Map<String, Object> object) {
        if (object.get("metadata") instanceof Map<?, ?> metadata) {
            metadata.remove("managedFields");
        }
    }

    private void watch(String version) throws KubeException {
        long seconds = 240 + ThreadLocalRandom.current().nextLong(120);
        String path = resource.path(version) + "?watch=1&allowWatchBookmarks=true&timeoutSeconds=" + seconds + "&resourceVersion=" + resourceVersion
                + (resource.selector().isEmpty() ? "" : "&" + resource.selector());
        api.watch(path, resource.metadataOnly() ? METADATA.formatted("") : JSON, Duration.ofSeconds(seconds + 15), this::event);
    }

    private void event(Map<String, Object> event) throws KubeException {
        metrics.event(resource.kind());
        Map<String, Object> object = Fields.map(event, "object");
        switch (Fields.text(event, "type")) {
            case "ADDED", "MODIFIED" -> sink.changed(resource, object);
            case "DELETED" -> sink.deleted(resource, object);
            case "BOOKMARK" -> { }
            case "ERROR" -> throw new KubeException(resource.label() + ": " + Fields.text(object, "message"), (int) Fields.number(object, "code"));
            default -> {
                return;
            }
        }
        resourceVersion = Fields.text(Fields.map(object, "metadata"), "resourceVersion");
    }
}
