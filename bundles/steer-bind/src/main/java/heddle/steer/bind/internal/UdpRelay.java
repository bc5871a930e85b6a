package heddle.steer.bind.internal;

import static java.lang.System.Logger.Level.WARNING;

import heddle.api.steer.SteeringPlan.Frontend;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Selector;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Relays UDP in user space: one thread for all Service ports. Plans come from another thread and are taken over between two reads. */
final class UdpRelay implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("heddle.steer.bind");

    /** What happened; for any thread. */
    static final class Counts {
        final LongAdder datagrams = new LongAdder();
        final LongAdder replies = new LongAdder();
        final LongAdder flows = new LongAdder();
        final LongAdder dropped = new LongAdder();
        final LongAdder unreachable = new LongAdder();
        final LongAdder evicted = new LongAdder();
    }

    private final Counts counts;
    private final Selector selector;
    private final Thread thread;
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    /** The relay's thread only. */
    private final Map<InetSocketAddress, UdpPort> ports = new HashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(65_535);
    private final long idleNanos;
    private final int maxFlows;
    private volatile boolean closed;

    /** @param maxFlows of one Service port; above, the one that was idle for longest ends */
    UdpRelay(long idleNanos, int maxFlows, Counts counts) throws IOException {
        this.idleNanos = idleNanos;
        this.maxFlows = maxFlows;
        this.counts = counts;
        selector = Selector.open();
        thread = Thread.ofPlatform().name("heddle-udp").daemon().start(this::run);
    }

    /** Begins to listen.
     *  @throws IOException with the address and the reason */
    void open(InetSocketAddress address) throws IOException {
        DatagramChannel channel = DatagramChannel.open(address.getAddress() instanceof Inet6Address ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
        try {
            channel.configureBlocking(false);
            channel.bind(address);
        } catch (IOException e) {
            channel.close();
            throw new IOException("bind udp " + Text.of(address) + ": " + e.getMessage() + " (see: ss -lunp 'sport = :" + address.getPort() + "')", e);
        }
        inTurn(() -> ports.put(address, new UdpPort(channel, selector, maxFlows, counts)));
    }

    /** In force when it returns. */
    void use(InetSocketAddress address, Frontend frontend, Map<InetAddress, Integer> clientClasses) {
        inTurn(() -> {
            UdpPort port = ports.get(address);
            if (port != null) port.use(frontend, clientClasses);
        });
    }

    /** The address is free again when it returns. */
    void shut(InetSocketAddress address) {
        inTurn(() -> {
            UdpPort port = ports.remove(address);
            if (port != null) port.close();
            selector.selectNow(key -> serve(key.attachment()));               // a registered socket closes in here
        });
    }

    private interface Task {
        void run() throws IOException;
    }

    /** Runs it on the relay's thread, between two reads; waits for it, at most five seconds. */
    private void inTurn(Task task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        tasks.add(() -> {
            try {
                task.run();
            } catch (IOException | RuntimeException e) {
                LOG.log(WARNING, "UDP relay", e);
            }
            done.complete(null);
        });
        selector.wakeup();
        done.completeOnTimeout(null, 5, TimeUnit.SECONDS).join();
    }

    private void run() {
        long nextSweep = System.nanoTime();
        while (!closed) {
            try {
                selector.select(key -> serve(key.attachment()), Math.max(1, Math.min(1000, idleNanos / 4_000_000)));
                for (Runnable task; (task = tasks.poll()) != null; ) task.run();
                long now = System.nanoTime();
                if (now - nextSweep < 0) continue;
                nextSweep = now + Math.min(1_000_000_000L, idleNanos / 4);
                ports.values().forEach(port -> port.sweep(now - idleNanos));
            } catch (IOException | RuntimeException e) {
                LOG.log(WARNING, "UDP relay", e);
            }
        }
        ports.values().forEach(UdpPort::close);
        ports.clear();
    }

    private void serve(@Nullable Object of) {
        switch (of) {
            case UdpPort port -> {
                try {
                    port.readable(buffer);
                } catch (IOException e) {
                    counts.dropped.increment();
                }
            }
            case UdpPort.Flow flow -> flow.readable(buffer);
            case null, default -> { }
        }
    }

    /** Returns when every socket is closed. */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        try {
            thread.join(5000);
            selector.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.log(WARNING, "UDP relay", e);
        }
    }
}
