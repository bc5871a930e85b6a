package heddle.source.file.internal;

import heddle.api.model.ObjectKey;
import heddle.api.source.ObjectStatus;
import heddle.api.source.Registration;
import heddle.api.source.RouteSource;
import heddle.api.source.SourceObserver;
import heddle.gateway.ManifestDecoder;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Reads manifests, watches them, and tells each state: the source {@code file} without its OSGi clothes. One thread of its own does all
 *  reading; {@link #close} ends it. */
final class ManifestSource implements RouteSource, AutoCloseable {
    private static final Logger LOG = System.getLogger(ManifestSource.class.getName());
    /** A burst of events (an editor's write, rename, chmod) is one change. */
    static final long QUIET_MILLIS = 8;
    /** How long a file that looks unfinished is left alone before it counts as it is. */
    static final long SETTLE_MILLIS = 40;
    /** The same for one that was cut in the middle of a line: on a busy machine its writer may not be back for a while. */
    private static final long TORN_MILLIS = 250;
    /** Of a file that is written all the time, a state is taken at least this often, or eight times {@link #TORN_MILLIS} when it is always torn. */
    private static final long MOST_MILLIS = 250;

    private final AddressMemory memory;
    private final long tornNanos;
    private final LocalCluster cluster;
    private final Observers observers = new Observers();
    private final Map<ObjectKey, ObjectStatus> statuses = new ConcurrentHashMap<>();
    private final Thread thread;
    private volatile ManifestFolders folders;
    private volatile ManifestDecoder decoder;
    private volatile boolean closed;
    private volatile @Nullable FolderWatch watch;
    private ManifestSet manifests = ManifestSet.EMPTY;
    private boolean published;

    ManifestSource(List<Path> roots, ManifestDecoder decoder, ClusterAddresses addresses, AddressMemory memory) {
        this(roots, decoder, addresses, memory, TORN_MILLIS);
    }

    /** @param tornMillis {@link #TORN_MILLIS} but in tests */
    ManifestSource(List<Path> roots, ManifestDecoder decoder, ClusterAddresses addresses, AddressMemory memory, long tornMillis) {
        this.tornNanos = tornMillis * 1_000_000;
        this.folders = new ManifestFolders(roots);
        this.decoder = decoder;
        this.memory = memory;
        this.cluster = new LocalCluster(addresses);
        this.thread = Thread.ofPlatform().name("heddle-source-file").daemon(true).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    @Override public String id() {
        return "file";
    }

    @Override public Registration subscribe(SourceObserver observer) {
        return observers.add(observer);
    }

    @Override public void report(Collection<ObjectStatus> changed) {
        changed.forEach(status -> statuses.put(status.key(), status));
    }

    /** The last reported conditions of an object. */
    @Nullable ObjectStatus status(ObjectKey key) {
        return statuses.get(key);
    }

    /** Reads other folders from now on; unchanged objects stay the same instances. */
    void folders(List<Path> roots) {
        folders = new ManifestFolders(roots);
        wake();
    }

    /** Decodes everything anew, with other vendors' decoders; unchanged objects stay the same instances. */
    void decoder(ManifestDecoder next) {
        decoder = next;
        wake();
    }

    @Override public void close() {
        closed = true;
        wake();
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A closed watch ends the wait on it; the thread opens a new one. */
    private void wake() {
        FolderWatch current = watch;
        if (current != null) {
            try {
                current.close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "closing the folder watch", e);
            }
        }
    }

    private void run() {
        while (!closed) {
            try (FolderWatch fresh = new FolderWatch()) {
                watch = fresh;
                follow(fresh, folders);
            } catch (ClosedWatchServiceException woken) {
                // other folders, or the end
            } catch (InterruptedException e) {
                return;
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.ERROR, "manifests are not watched any more, the last state stays in force: " + e, e instanceof IOException ? null : e);
                observers.stale("manifests are not watched: " + e + (e instanceof IOException
                        ? " (fs.inotify.max_user_watches and fs.inotify.max_user_instances limit it)" : ""));
                return;
            }
        }
    }

    private void follow(FolderWatch watching, ManifestFolders roots) throws IOException, InterruptedException {
        Set<Path> touched = null;
        ManifestDecoder decoding = decoder;
        while (!closed && roots == folders && decoding == decoder) {
            ManifestSet next = look(watching, roots, touched);
            if (published) {
                next = settled(watching, roots, next, touched);
            }
            boolean same = next.isSame(manifests);
            manifests = next;
            if (!same || !published) {
                publish();
                published = true;
            }
            touched = watching.await(QUIET_MILLIS, MOST_MILLIS);
        }
    }

    /** Watches first, then looks: what changes in between is seen twice rather than never. A look may show more to watch (a link, a folder
     *  that appeared), and what changed there before its watch began is seen by looking again. */
    private ManifestSet look(FolderWatch watching, ManifestFolders roots, @Nullable Set<Path> touched) throws IOException {
        Set<Path> rootSet = Set.copyOf(roots.roots());
        watching.follow(rootSet, manifests.paths());
        ManifestSet next = manifests.look(roots, decoder, touched);
        while (watching.follow(rootSet, next.paths())) {
            next = manifests.look(roots, decoder, null);
        }
        return next;
    }

    /** A half-written or just removed file gets a moment: writers that truncate and write, editors that rename away and write anew. */
    private ManifestSet settled(FolderWatch watching, ManifestFolders roots, ManifestSet seen, @Nullable Set<Path> names) throws IOException, InterruptedException {
        ManifestSet next = seen;
        Set<Path> touched = names == null ? null : new HashSet<>(names);
        long began = System.nanoTime();
        long heard = began;
        while (next.looksUnfinished(manifests) && !closed) {
            boolean torn = next.looksTorn(manifests);
            if (System.nanoTime() - began > (torn ? 8 * tornNanos : MOST_MILLIS * 1_000_000)) {
                return next;
            }
            Set<Path> more = watching.more(SETTLE_MILLIS, SETTLE_MILLIS * 2);
            if (more != null && more.isEmpty()) {
                if (torn && System.nanoTime() - heard < tornNanos) {
                    continue;
                }
                return next;
            }
            heard = System.nanoTime();
            touched = more == null || touched == null ? null : touched;
            if (touched != null && more != null) {
                touched.addAll(more);
            }
            next = look(watching, roots, touched);
        }
        return next;
    }

    private void publish() {
        FileState state = cluster.state(manifests.contents());
        memory.save();
        LOG.log(state.problems().isEmpty() ? Level.DEBUG : Level.WARNING, () -> "manifests read revision=" + state.revision() + " objects=" + state.size()
                + " problems=" + state.problems().size() + (state.problems().isEmpty() ? "" : " first: " + state.problems().getFirst()));
        observers.state(state);
    }
}
