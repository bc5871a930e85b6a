package heddle.source.kube.internal;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The watches of one API server, one virtual thread each, and where their events go. Started and closed once. */
final class Connection implements AutoCloseable, KindWatch.Sink {
    private static final Logger LOG = System.getLogger(Connection.class.getName());

    private final String node;
    private final KubeMetrics metrics;
    private final ObjectStore store;
    private final PodWorkloads pods;
    private final Publisher publisher;
    private final Map<String, String> versions = new ConcurrentHashMap<>();
    private final List<KindWatch> watches = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private @Nullable KubeApi api;
    private @Nullable ApiGate gate;
    private @Nullable CgroupWatcher watcher;
    private boolean closed;

    Connection(String kubeconfig, String node, KubeMetrics metrics, ObjectStore store, PodWorkloads pods, Optional<PodCgroups> cgroups,
            Publisher publisher) {
        this.node = node;
        this.metrics = metrics;
        this.store = store;
        this.pods = pods;
        this.publisher = publisher;
        cgroups.ifPresent(this::watchCgroups);
        threads.add(Thread.ofPlatform().daemon().name("heddle-kube-connect").start(() -> connect(kubeconfig)));
    }

    /** Loading the client and its configuration takes a while, and a file may come later: not on the thread that starts bundles. */
    private void connect(String kubeconfig) {
        while (true) {
            try {
                start(KubeApi.connect(kubeconfig, metrics));
                return;
            } catch (KubeException e) {
                publisher.stale(String.valueOf(e.getMessage()));
            }
            try {
                Thread.sleep(1_000);
            } catch (InterruptedException stopped) {
                return;
            }
        }
    }

    private synchronized void start(KubeApi connected) {
        if (closed) {
            connected.close();
            return;
        }
        LOG.log(Level.INFO, "Kubernetes API {0}, node {1}", connected.server(), node);
        api = connected;
        ApiGate ours = new ApiGate(connected, publisher::stale, () -> publisher.stale(""));
        gate = ours;
        publisher.stale("");
        for (Resource resource : Resource.all(node)) {
            KindWatch watch = new KindWatch(connected, ours, metrics, resource, this);
            watches.add(watch);
            threads.add(Thread.ofVirtual().name("heddle-kube-" + resource.plural()).start(watch));
        }
    }

    @Override public synchronized void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
        if (gate != null) {
            gate.stop();
        }
        if (watcher != null) {
            watcher.close();
        }
        if (api != null) {
            api.close();
        }
    }

    @Override public void listed(Resource resource, String version, List<Map<String, Object>> objects) {
        versions.put(resource.kind(), version);
        switch (resource.kind()) {
            case "CustomResourceDefinition" -> pokeMissing();
            case "Pod" -> {
                pods.replaceAll(objects.stream().map(Pod::of).toList());
                pods.refresh();
                publisher.listed(resource.kind());
            }
            default -> {
                store.listed(resource, version, objects);
                if (resource.kind().equals("Namespace")) {
                    objects.forEach(each -> namespace(each, true));
                    pods.refresh();
                }
                publisher.listed(resource.kind());
            }
        }
    }

    @Override public void changed(Resource resource, Map<String, Object> object) {
        switch (resource.kind()) {
            case "CustomResourceDefinition" -> pokeMissing();
            case "Pod" -> {
                pods.put(Pod.of(object));
                refreshPods();
            }
            default -> {
                if (store.changed(resource, versions.getOrDefault(resource.kind(), ""), object)) {
                    publisher.changed();
                }
                if (resource.kind().equals("Namespace")) {
                    namespace(object, true);
                    refreshPods();
                }
            }
        }
    }

    @Override public void deleted(Resource resource, Map<String, Object> object) {
        switch (resource.kind()) {
            case "CustomResourceDefinition" -> { }
            case "Pod" -> {
                pods.remove(Fields.text(Fields.map(object, "metadata"), "uid"));
                refreshPods();
            }
            default -> {
                if (store.deleted(resource, object)) {
                    publisher.changed();
                }
                if (resource.kind().equals("Namespace")) {
                    namespace(object, false);
                    refreshPods();
                }
            }
        }
    }

    @Override public void missing(Resource resource, String reason) {
        if (resource.metadataOnly()) {
            return;
        }
        if (!resource.required()) {
            store.clear(resource);
        }
        publisher.missing(resource.kind(), reason, resource.required());
    }

    private void namespace(Map<String, Object> object, boolean there) {
        Map<String, Object> meta = Fields.map(object, "metadata");
        pods.namespace(Fields.text(meta, "name"), there ? Optional.of(Fields.texts(meta, "labels")) : Optional.empty());
    }

    private void refreshPods() {
        if (pods.refresh()) {
            publisher.changed();
        }
    }

    private synchronized void pokeMissing() {
        watches.forEach(KindWatch::poke);
    }

    private void watchCgroups(PodCgroups cgroups) {
        try {
            watcher = new CgroupWatcher(cgroups, this::refreshPods);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "inotify on the pods'' cgroups: {0}; a pod is steered once the API server tells of it", e.getMessage());
        }
    }
}
