package heddle.steer.internal;

import heddle.api.steer.PlaceObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/** The network namespaces with listeners of ours. An open listener keeps its namespace alive, so one whose workloads are gone is closed.
 *  Callers hold the steering's lock, and run what {@link #announcements} returns after they have released it. */
final class Namespaces {
    private static final System.Logger LOG = System.getLogger(Namespaces.class.getName());
    /** Sweeps without any workload before a namespace's listeners are closed: a restarting program keeps them. */
    private static final int PATIENCE = 3;

    /** A namespace that was opened; the descriptor holds it. */
    static final class Open {
        private final long inode;
        private final int descriptor;
        private final boolean home;
        private final List<NamespacePlace> places = new ArrayList<>();
        private long cookie;
        private int missed;

        Open(long inode, int descriptor, boolean home) {
            this.inode = inode;
            this.descriptor = descriptor;
            this.home = home;
        }

        int descriptor() {
            return descriptor;
        }

        boolean home() {
            return home;
        }
    }

    private final NamespaceThread thread;
    private final BpfMap listeners;
    private final BpfMap marks;
    private final Problems problems;
    private final long homeInode;
    private final int wantedPort;
    private final Map<Long, Open> open = new LinkedHashMap<>();
    private final List<Runnable> announcements = new ArrayList<>();
    private volatile Map<Integer, Long> registered = Map.of();
    private final LongAdder foreign = new LongAdder();

    Namespaces(NamespaceThread thread, BpfObject object, Problems problems, int wantedPort) throws IOException {
        this.thread = thread;
        this.listeners = object.map("mesh_lsns");
        this.marks = object.map("mesh_lsn_mark");
        this.problems = problems;
        this.wantedPort = wantedPort;
        this.homeInode = inode(Path.of("/proc/self/ns/net"));
    }

    NamespaceThread thread() {
        return thread;
    }

    static long inode(Path namespace) throws IOException {
        return ((Number) Files.getAttribute(namespace, "unix:ino")).longValue();
    }

    /** Opens listeners in a namespace that has none yet; returns its inode, empty if the path is no namespace (any more). */
    Optional<Long> ensure(Path path, PlaceObserver observer) {
        long inode;
        try {
            inode = inode(path);
        } catch (IOException gone) {
            return Optional.empty();
        }
        if (open.containsKey(inode)) return Optional.of(inode);
        int descriptor = -1;
        try {
            descriptor = Sys.open(path);
            inode = inode(Path.of("/proc/self/fd/" + descriptor));
            if (open.containsKey(inode)) {
                Sys.close(descriptor);
                return Optional.of(inode);
            }
            Open namespace = new Open(inode, descriptor, inode == homeInode);
            listen(namespace);
            open.put(inode, namespace);
            for (NamespacePlace place : namespace.places) announcements.add(() -> observer.opened(place));
            problems.solved("netns:" + inode);
            LOG.log(System.Logger.Level.DEBUG, "listening in network namespace {0} ({1})", Long.toString(inode), path);
            return Optional.of(inode);
        } catch (Exception failed) {
            Sys.close(descriptor);
            problems.report("netns:" + inode, "no listener in network namespace " + path + ": " + failed.getMessage());
            return Optional.empty();
        }
    }

    /** The mark comes before the entry: from then on connects arrive. */
    private void listen(Open namespace) throws Exception {
        List<Integer> sockets = new ArrayList<>();
        try {
            int v4 = thread.inside(namespace.descriptor, () -> Sys.listenOnLoopback(Sys.AF_INET, wantedPort));
            sockets.add(v4);
            if (!Sys.loopbackUp(v4)) throw new IOException("its interface lo is down; run `ip link set lo up` in it");
            namespace.cookie = Sys.networkNamespaceCookie(v4);
            Struct.Value entry = Abi.LSN.value().setPort("port4", Sys.localPort(v4)).set("epoch", ProcessHandle.current().pid() & 0xffff);
            int flags = Abi.LSN_V4;
            int v6 = -1;
            try {
                v6 = thread.inside(namespace.descriptor, () -> Sys.listenOnLoopback(Sys.AF_INET6, wantedPort));
                sockets.add(v6);
                entry.setPort("port6", Sys.localPort(v6));
                flags |= Abi.LSN_V6;
            } catch (NativeException noIpv6) {
                LOG.log(System.Logger.Level.DEBUG, "network namespace {0} has no IPv6: {1}", Long.toString(namespace.inode), noIpv6.getMessage());
            }
            for (int socket : sockets) mark(socket, namespace.cookie);
            listeners.put(key(namespace.cookie), entry.set("flags", flags).array());
            namespace.places.add(new NamespacePlace("netns:" + namespace.inode, v4, namespace, this));
            if (v6 >= 0) namespace.places.add(new NamespacePlace("netns:" + namespace.inode + "/6", v6, namespace, this));
        } catch (Exception failed) {
            sockets.forEach(Sys::close);
            throw failed;
        }
    }

    private void mark(int socket, long cookie) {
        marks.put(java.nio.ByteBuffer.allocate(4).order(java.nio.ByteOrder.nativeOrder()).putInt(socket).array(), key(cookie));
    }

    static byte[] key(long number) {
        return java.nio.ByteBuffer.allocate(8).order(java.nio.ByteOrder.nativeOrder()).putLong(number).array();
    }

    /** Counts a sweep in which only these were in use; closes what was unused for long enough. */
    void retain(Set<Long> inUse, PlaceObserver observer) {
        for (Open namespace : List.copyOf(open.values())) {
            if (namespace.home || inUse.contains(namespace.inode)) namespace.missed = 0;
            else if (++namespace.missed >= PATIENCE) close(namespace, observer);
        }
    }

    private void close(Open namespace, PlaceObserver observer) {
        open.remove(namespace.inode);
        listeners.delete(key(namespace.cookie));
        LOG.log(System.Logger.Level.DEBUG, "closing the listeners of network namespace {0}", Long.toString(namespace.inode));
        announcements.add(() -> {
            for (NamespacePlace place : namespace.places) {
                observer.closed(place);
                Sys.close(place.descriptor());
            }
            Sys.close(namespace.descriptor);
        });
    }

    /** @param stillOurs whether the entries in the map are ours to delete: not when a successor has replaced them */
    void closeAll(PlaceObserver observer, boolean stillOurs) {
        for (Open namespace : List.copyOf(open.values())) {
            if (stillOurs) {
                close(namespace, observer);
                continue;
            }
            open.remove(namespace.inode);
            announcements.add(() -> namespace.places.forEach(place -> {
                observer.closed(place);
                Sys.close(place.descriptor());
            }));
        }
    }

    /** Entries of a daemon that is gone, for namespaces that we do not serve. */
    void dropStrangers() {
        Set<Long> ours = new HashSet<>();
        open.values().forEach(namespace -> ours.add(namespace.cookie));
        for (byte[] key : listeners.keys()) {
            long cookie = java.nio.ByteBuffer.wrap(key).order(java.nio.ByteOrder.nativeOrder()).getLong();
            if (!ours.contains(cookie)) listeners.delete(key);
        }
    }

    /** What observers must hear, in order; the caller runs it without the lock. */
    List<Runnable> announcements() {
        List<Runnable> due = List.copyOf(announcements);
        announcements.clear();
        return due;
    }

    /** Which namespace each workload is registered with, for those that say so. */
    void register(Map<Integer, Long> inodes) {
        Map<Integer, Long> cookies = new LinkedHashMap<>();
        inodes.forEach((workload, inode) -> Optional.ofNullable(open.get(inode)).ifPresent(n -> cookies.put(workload, n.cookie)));
        registered = Map.copyOf(cookies);
    }

    boolean belongs(int workload, long cookie) {
        Long expected = registered.get(workload);
        if (expected == null || expected == cookie) return true;
        foreign.increment();
        return false;
    }

    long foreignWorkloads() {
        return foreign.sum();
    }

    int places() {
        return open.values().stream().mapToInt(namespace -> namespace.places.size()).sum();
    }
}
