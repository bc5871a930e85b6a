package heddle.itest.mesh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Counts a daemon's forwarders while it is open, by the names of its event loops' threads. Begins when there is one. */
final class Forwarders implements AutoCloseable {
    private static final Pattern LOOP = Pattern.compile("heddle-loop-(\\d+).*");
    private final Path threads;
    private final Thread looking;
    private volatile boolean ended;
    private volatile int most;

    Forwarders(Process daemon) {
        threads = Path.of("/proc/" + daemon.pid() + "/task");
        Await.until("one forwarder", Field.READY, () -> live() == 1, () -> live() + " forwarders");
        most = 1;
        looking = Thread.ofPlatform().daemon().name("forwarders").start(this::look);
    }

    /** How many there were at a time. */
    int most() {
        return most;
    }

    private void look() {
        while (!ended) {
            most = Math.max(most, live());
            LockSupport.parkNanos(50_000_000);
        }
    }

    /** Groups of event loops that have a thread. */
    private int live() {
        Set<String> groups = new HashSet<>();
        try (Stream<Path> all = Files.list(threads)) {
            for (Path thread : (Iterable<Path>) all::iterator) {
                Matcher loop = LOOP.matcher(name(thread));
                if (loop.matches()) groups.add(loop.group(1));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return groups.size();
    }

    private static String name(Path thread) throws IOException {
        try {
            return Files.readString(thread.resolve("comm")).strip();
        } catch (IOException e) {
            if (Files.exists(thread)) throw e;
            return "";      // it has ended
        }
    }

    @Override public void close() {
        ended = true;
        try {
            looking.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
