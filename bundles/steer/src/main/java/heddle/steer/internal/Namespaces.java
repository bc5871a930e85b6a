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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntUnaryOperator;

/** The network namespaces with listeners of ours. An open listener keeps its namespace alive, so one whose workloads are gone is closed.
 *  Callers hold the steering's lock, and run what {@link #announcements} returns after they have released it. */
final class Namespaces {
    private static final System.Logger LOG = System.getLogger(Namespaces.class.getName());
    /** Sweeps without any workload before a namespace's listeners are closed: a restarting program keeps them. */
    private static final int PATIENCE = 3;
    /** How long a listener's last connects may take to arrive after the kernel was told of another. */
    private static final long LAST_CONNECTS_MILLIS = 30;
    private static final long LAST_ACCEPTS_MILLIS = 2000;

    /** A namespace that was opened. */
    static final class Open {
        private final long inode;
        private final HeldNamespace held;
        private final boolean home;
        private final List<NamespacePlace> places = new ArrayList<>();
        private long cookie;
        private byte[] entry = new byte[0];
        private int missed;

        Open(long inode, HeldNamespace held, boolean home) {
            this.inode = inode;
            this.held = held;
            this.home = home;
        }

        HeldNamespace held() {
            return held;
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
    private volatile IntUnaryOperator planned = number -> number;
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

    /** Opens listeners in a namespace that has none yet; returns its inode, empty if the path is no namespace (any more).
     *  @param report whether a failure is a problem: a namespace that is just being made has its loopback still down */
    Optional<Long> ensure(Path path, PlaceObserver observer, boolean report) {
        long inode;
        try {
            inode = inode(path);
        } catch (IOException gone) {
            return Optional.empty();
        }
        if (open.containsKey(inode)) return Optional.of(inode);
        HeldNamespace held = null;
        try {
            int descriptor = Sys.open(path);
            held = new HeldNamespace(descriptor);
            inode = inode(Path.of("/proc/self/fd/" + descriptor));
            if (open.containsKey(inode)) {
                held.close();
                return Optional.of(inode);
            }
            Open namespace = new Open(inode, held, inode == homeInode);
            listen(namespace);
            open.put(inode, namespace);
            for (NamespacePlace place : namespace.places) announcements.add(() -> observer.opened(place));
            problems.solved("netns:" + inode);
            LOG.log(System.Logger.Level.DEBUG, "listening in network namespace {0} ({1})", Long.toString(inode), path);
            return Optional.of(inode);
        } catch (Exception failed) {
            if (held != null) held.close();
            if (report) problems.report("netns:" + inode, "no listener in network namespace " + path + ": " + failed.getMessage());
            return Optional.empty();
        }
    }

    /** The mark comes before the entry: from then on connects arrive. */
    private void listen(Open namespace) throws Exception {
        List<Integer> sockets = new ArrayList<>();
        try {
            int v4 = thread.inside(namespace.held, () -> {
                sockets.add(Sys.listenOnLoopback(Sys.AF_INET, wantedPort));
                try {
                    sockets.add(Sys.listenOnLoopback(Sys.AF_INET6, wantedPort));
                } catch (NativeException noIpv6) {
                    LOG.log(System.Logger.Level.DEBUG, "network namespace {0} has no IPv6: {1}", Long.toString(namespace.inode), noIpv6.getMessage());
                }
                return sockets.getFirst();
            });
            if (!Sys.loopbackUp(v4)) throw new IOException("its interface lo is down; run `ip link set lo up` in it");
            namespace.cookie = Sys.networkNamespaceCookie(v4);
            Struct.Value entry = Abi.LSN.value().setPort("port4", Sys.localPort(v4)).set("epoch", ProcessHandle.current().pid() & 0xffff);
            int flags = Abi.LSN_V4;
            int v6 = sockets.size() == 2 ? sockets.get(1) : -1;
            if (v6 >= 0) {
                entry.setPort("port6", Sys.localPort(v6));
                flags |= Abi.LSN_V6;
            }
            for (int socket : sockets) mark(socket, namespace.cookie);
            namespace.entry = entry.set("flags", flags).array();
            listeners.put(key(namespace.cookie), namespace.entry);
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

    /** Tells the kernel of all listeners again, after another daemon had told it of its own. */
    void reassert() {
        for (Open namespace : open.values()) listeners.put(key(namespace.cookie), namespace.entry);
    }

    /** Counts a sweep in which only these were in use; closes what was unused for long enough.
     *  @param ours whether the entries in the map are ours to delete */
    void retain(Set<Long> inUse, PlaceObserver observer, boolean ours) {
        for (Open namespace : List.copyOf(open.values())) {
            if (namespace.home || inUse.contains(namespace.inode)) namespace.missed = 0;
            else if (++namespace.missed >= PATIENCE) {
                stopListening(namespace, observer, ours);
                announcements.add(namespace.held::close);
            }
        }
    }

    /** The namespace itself stays for the connections that were accepted. */
    private void stopListening(Open namespace, PlaceObserver observer, boolean ours) {
        open.remove(namespace.inode);
        if (ours) listeners.delete(key(namespace.cookie));
        LOG.log(System.Logger.Level.DEBUG, "closing the listeners of network namespace {0}", Long.toString(namespace.inode));
        announcements.add(() -> {
            for (NamespacePlace place : namespace.places) {
                observer.closed(place);
                Sys.close(place.descriptor());
            }
        });
    }

    /** A connect that the kernel had sent here before it knew better still arrives, and is accepted before the listeners close.
     *  @param ours whether the entries in the map are ours to delete: not when a successor has replaced them */
    void closeAll(PlaceObserver observer, boolean ours) {
        List<Open> all = List.copyOf(open.values());
        announcements.add(() -> awaitLastConnects(all));
        for (Open namespace : all) stopListening(namespace, observer, ours);
    }

    private static void awaitLastConnects(List<Open> namespaces) {
        long giveUp = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LAST_ACCEPTS_MILLIS);
        try {
            do {
                Thread.sleep(LAST_CONNECTS_MILLIS);
            } while (System.nanoTime() < giveUp && namespaces.stream().flatMap(each -> each.places.stream()).anyMatch(place -> Sys.waitingToBeAccepted(place.descriptor()) > 0));
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
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

    /** How the kernel's numbers of workloads become those of the plan. */
    void numbered(IntUnaryOperator planned) {
        this.planned = planned;
    }

    int planned(int kernelNumber) {
        return planned.applyAsInt(kernelNumber);
    }

    /** The namespace of a path, if it was opened. */
    Optional<Long> known(Path path) {
        try {
            return Optional.of(inode(path)).filter(open::containsKey);
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    boolean isHome(long inode) {
        return inode == homeInode;
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
