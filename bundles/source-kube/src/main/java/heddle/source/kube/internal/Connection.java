package heddle.source.kube.internal;

import heddle.api.model.ObjectKey;
import heddle.api.source.ObjectStatus;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The watches of one API server, one virtual thread each, and where their events go. Started and closed once. */
final class Connection implements AutoCloseable, KindWatch.Sink {
    private static final Logger LOG = System.getLogger(Connection.class.getName());

    /** @param namespace of the Leases
     *  @param limit     for one answer of the server */
    record Place(String kubeconfig, String node, String namespace, String meshName, String version, Duration limit) {}

    private final Place place;
    private final KubeMetrics metrics;
    private final ObjectStore store;
    private final PodWorkloads pods;
    private final Publisher publisher;
    private final Map<String, String> versions = new ConcurrentHashMap<>();
    private final List<KindWatch> watches = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private @Nullable KubeApi api;
    private @Nullable ApiGate gate;
    private volatile @Nullable StatusWriter writer;
    private volatile @Nullable Leader leader;
    private volatile @Nullable MeshKeeper keeper;
    private volatile @Nullable Programmed programmed;
    private volatile @Nullable NodeReport report;
    private volatile @Nullable ReferencedObjects references;
    private @Nullable VendorKinds vendors;
    private Set<String> vendorTypes = Set.of();
    private boolean closed;

    Connection(Place place, KubeMetrics metrics, ObjectStore store, PodWorkloads pods, Publisher publisher) {
        this.place = place;
        this.metrics = metrics;
        this.store = store;
        this.pods = pods;
        this.publisher = publisher;
        threads.add(Thread.ofPlatform().daemon().name("heddle-kube-connect").start(() -> connect(place.kubeconfig())));
    }

    /** Loading the client and its configuration takes a while, and a file may come later: not on the thread that starts bundles. */
    private void connect(String kubeconfig) {
        while (true) {
            try {
                start(KubeApi.connect(kubeconfig, place.limit(), metrics));
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
        LOG.log(Level.INFO, "Kubernetes API {0}, node {1}", connected.server(), place.node());
        api = connected;
        ApiGate ours = new ApiGate(connected, publisher::stale, () -> publisher.stale(""));
        gate = ours;
        publisher.stale("");
        startStatus(connected, ours);
        references = new ReferencedObjects(connected, ours, metrics, this);
        vendors = new VendorKinds(connected, ours, metrics, this, this::notDecoded);
        vendors.follow(vendorTypes);
        for (Resource resource : Resource.all(place.node())) {
            KindWatch watch = new KindWatch(connected, ours, metrics, resource, this);
            watches.add(watch);
            threads.add(Thread.ofVirtual().name("heddle-kube-" + resource.plural()).start(watch));
        }
    }

    private void startStatus(KubeApi connected, ApiGate ours) {
        Leader elected = new Leader(connected, ours, metrics, place.namespace(), place.meshName(), place.node() + "_" + UUID.randomUUID(),
                Leader.pace(), this::onLead);
        leader = elected;
        Programmed counted = new Programmed(place.meshName() + "-node-" + place.node(), publisher::inForce, NodeReport.LENGTH);
        programmed = counted;
        threads.add(Thread.ofVirtual().name("heddle-kube-lapse").start(() -> checkOnLapse(counted)));
        writer = new StatusWriter(connected, ours, metrics, this::ofThisMesh, elected::leads, counted);
        NodeReport telling = new NodeReport(connected, ours, place.namespace(), place.meshName(), place.node(), publisher::inForce, counted::nodes, counted::ownGivenUp);
        report = telling;
        threads.add(Thread.ofVirtual().name("heddle-kube-node").start(telling));
        Resource leases = Resource.leases(place.namespace(), place.meshName());
        threads.add(Thread.ofVirtual().name("heddle-kube-leases").start(new KindWatch(connected, ours, metrics, leases, this)));
        keeper = new MeshKeeper(connected, place.meshName(), place.version(), place.namespace());
        threads.add(Thread.ofVirtual().name("heddle-kube-leader").start(elected));
    }

    /** Kinds that vendors' bundles decode are watched too.
     *  @param types {@code group/Kind} each */
    synchronized void decoded(Set<String> types) {
        vendorTypes = types.stream().filter(type -> Resource.all("").stream().noneMatch(ours -> type.equals(ours.group() + "/" + ours.kind()))).collect(Collectors.toUnmodifiableSet());
        if (vendors != null) {
            vendors.follow(vendorTypes);
        }
    }

    private void notDecoded(Resource resource) {
        publisher.served(resource.kind());
        publishIf(store.clear(resource));
    }

    /** Conditions of objects, from core. */
    void report(Collection<ObjectStatus> changed) {
        StatusWriter ours = writer;
        if (ours != null) {
            ours.report(changed);
        }
    }

    /** A namespace may have gone to another mesh, whose status we must not write over. */
    private Optional<Held> ofThisMesh(ObjectKey key) {
        return pods.serves(key.namespace()) ? store.held(key) : Optional.empty();
    }

    private void onLead() {
        StatusWriter ours = writer;
        if (ours != null) {
            ours.checkAll();
        }
        keepMesh();
    }

    private void keepMesh() {
        Leader elected = leader;
        MeshKeeper ours = keeper;
        if (elected != null && ours != null && elected.leads()) {
            Thread.ofVirtual().name("heddle-kube-mesh").start(ours::keep);
        }
    }

    @Override public void close() {
        Leader elected = leader;
        if (elected != null) {
            NodeReport telling = report;
            Thread last = Thread.ofVirtual().start(() -> {
                elected.release();
                if (telling != null) {
                    telling.leave();
                }
            });
            try {
                last.join(Duration.ofSeconds(2));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        end();
    }

    private synchronized void end() {
        closed = true;
        StatusWriter ours = writer;
        if (ours != null) {
            ours.close();
        }
        ReferencedObjects followed = references;
        if (followed != null) {
            followed.close();
        }
        if (vendors != null) {
            vendors.close();
        }
        threads.forEach(Thread::interrupt);
        if (gate != null) {
            gate.stop();
        }
        if (api != null) {
            api.close();
        }
    }

    @Override public void listed(Resource resource, String version, List<Map<String, Object>> objects) {
        versions.put(resource.kind(), version);
        publisher.served(resource.kind());
        switch (resource.kind()) {
            case "CustomResourceDefinition" -> pokeMissing();
            case "Lease" -> nodes(each -> each.listed(objects));
            case "Pod" -> {
                pods.replaceAll(objects.stream().map(Pod::of).toList());
                publisher.listed(resource.kind());
            }
            default -> {
                store.listed(resource, version, objects).forEach(this::shown);
                if (resource.kind().equals("XMesh")) {
                    mesh(each -> each.seen(objects));
                }
                if (resource.kind().equals("Namespace")) {
                    objects.forEach(each -> namespace(each, true));
                }
                publisher.listed(resource.kind());
            }
        }
    }

    @Override public void changed(Resource resource, Map<String, Object> object) {
        switch (resource.kind()) {
            case "CustomResourceDefinition" -> pokeMissing();
            case "Lease" -> nodes(each -> each.changed(object));
            case "Pod" -> {
                publishIf(pods.put(Pod.of(object)));
            }
            default -> {
                if (store.changed(resource, versions.getOrDefault(resource.kind(), resource.versions().getFirst()), object)) {
                    publisher.changed();
                }
                shown(ObjectStore.key(resource, object));
                if (resource.kind().equals("XMesh")) {
                    mesh(each -> each.changed(object, false));
                }
                if (resource.kind().equals("Namespace")) {
                    publishIf(namespace(object, true));
                }
            }
        }
    }

    @Override public void deleted(Resource resource, Map<String, Object> object) {
        switch (resource.kind()) {
            case "CustomResourceDefinition" -> { }
            case "Lease" -> nodes(each -> each.deleted(object));
            case "Pod" -> {
                publishIf(pods.remove(Fields.text(Fields.map(object, "metadata"), "uid")));
            }
            default -> {
                if (store.deleted(resource, object)) {
                    publisher.changed();
                }
                gone(ObjectStore.key(resource, object));
                if (resource.kind().equals("XMesh")) {
                    mesh(each -> each.changed(object, true));
                }
                if (resource.kind().equals("Namespace")) {
                    publishIf(namespace(object, false));
                }
            }
        }
    }

    @Override public void missing(Resource resource, String reason) {
        if (resource.metadataOnly() || resource.kind().equals("Lease")) {
            return;
        }
        if (!resource.required()) {
            store.clear(resource);
        }
        if (resource.kind().equals("XMesh")) {
            mesh(MeshKeeper::missing);
        }
        publisher.missing(resource.kind(), reason, resource.required());
    }

    private void shown(ObjectKey key) {
        if (key.kind().equals("BackendTLSPolicy")) {
            followReferences();
        }
        StatusWriter ours = writer;
        if (ours != null) {
            ours.seen(key);
        }
    }

    private void gone(ObjectKey key) {
        if (key.kind().equals("BackendTLSPolicy")) {
            followReferences();
        }
        StatusWriter ours = writer;
        if (ours != null) {
            ours.gone(key);
        }
    }

    private void nodes(Predicate<Programmed> change) {
        Programmed counted = programmed;
        if (counted != null && change.test(counted)) {
            checkAll();
        }
    }

    private void checkOnLapse(Programmed counted) {
        try {
            while (true) {
                counted.awaitLapse();
                checkAll();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void checkAll() {
        StatusWriter ours = writer;
        Leader elected = leader;
        if (ours != null && elected != null && elected.leads()) {
            ours.checkAll();
        }
    }

    private void mesh(Consumer<MeshKeeper> change) {
        MeshKeeper ours = keeper;
        if (ours != null) {
            change.accept(ours);
            keepMesh();
        }
    }

    private void followReferences() {
        ReferencedObjects ours = references;
        if (ours != null) {
            ours.follow(store.objects("BackendTLSPolicy"));
        }
    }

    private boolean namespace(Map<String, Object> object, boolean there) {
        Map<String, Object> meta = Fields.map(object, "metadata");
        return pods.namespace(Fields.text(meta, "name"), there ? Optional.of(Fields.texts(meta, "labels")) : Optional.empty());
    }

    private void publishIf(boolean changed) {
        if (changed) {
            publisher.changed();
        }
    }

    private synchronized void pokeMissing() {
        watches.forEach(KindWatch::poke);
        if (vendors != null) {
            vendors.poke();
        }
    }
}
