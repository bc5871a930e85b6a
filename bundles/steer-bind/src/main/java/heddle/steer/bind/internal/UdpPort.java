package heddle.steer.bind.internal;

import heddle.api.steer.SteeringPlan.Frontend;
import heddle.api.steer.SteeringPlan.Handling;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One Service address and UDP port: what a client sends from one address and port goes to one endpoint, over a socket of its own, and
 *  what comes back there goes to that client from the Service's address. The relay's thread only. */
final class UdpPort {
    /** Datagrams taken from one socket before the others have their turn. */
    private static final int TURN = 64;

    private final DatagramChannel channel;
    private final Selector selector;
    private final UdpRelay.Counts counts;
    private final int maxFlows;
    /** Least recently used first. */
    private final Map<SocketAddress, Flow> flows = new LinkedHashMap<>(64, 0.75f, true);
    private Map<Integer, SlotTurn> turns = Map.of();
    private Map<InetAddress, Integer> classes = Map.of();
    private boolean affinity;

    UdpPort(DatagramChannel channel, Selector selector, int maxFlows, UdpRelay.Counts counts) throws IOException {
        this.channel = channel;
        this.selector = selector;
        this.maxFlows = maxFlows;
        this.counts = counts;
        channel.register(selector, SelectionKey.OP_READ, this);
    }

    /** One client's conversation; without an endpoint its datagrams are dropped. */
    final class Flow {
        private final SocketAddress client;
        private final @Nullable InetSocketAddress endpoint;
        private final @Nullable DatagramChannel upstream;
        private long usedNanos;

        private Flow(SocketAddress client, @Nullable InetSocketAddress endpoint) throws IOException {
            this.client = client;
            this.endpoint = endpoint;
            upstream = endpoint == null ? null : connected(endpoint);
        }

        private DatagramChannel connected(InetSocketAddress to) throws IOException {
            DatagramChannel made = DatagramChannel.open();
            try {
                made.configureBlocking(false);
                made.connect(to);
                made.register(selector, SelectionKey.OP_READ, this);
                return made;
            } catch (IOException | RuntimeException e) {
                made.close();
                throw e;
            }
        }

        /** The endpoint has answered. */
        void readable(ByteBuffer buffer) {
            DatagramChannel from = upstream;
            if (from == null) return;
            try {
                for (int i = 0; i < TURN; i++) {
                    buffer.clear();
                    if (from.receive(buffer) == null) return;
                    buffer.flip();
                    usedNanos = System.nanoTime();
                    flows.get(client);                                        // to the end of the order: the sweep stops at the first that is in use
                    counts.replies.increment();
                    channel.send(buffer, client);
                }
            } catch (PortUnreachableException gone) {
                counts.unreachable.increment();
                end(this);
            } catch (IOException e) {
                counts.dropped.increment();
                end(this);
            }
        }

        private void close() {
            try {
                if (upstream != null) upstream.close();
            } catch (IOException e) {
                counts.dropped.increment();
            }
        }
    }

    void use(Frontend frontend, Map<InetAddress, Integer> clientClasses) {
        Map<Integer, SlotTurn> next = new HashMap<>();
        for (Handling handling : frontend.handlings()) next.put(handling.clientClass(), new SlotTurn(handling));
        turns = next;
        classes = clientClasses;
        affinity = frontend.affinity();
        for (Iterator<Flow> all = flows.values().iterator(); all.hasNext(); ) {          // the cut-over: at once, and only what must move
            Flow flow = all.next();
            SlotTurn turn = turnOf(flow.client);
            if (turn != null && turn.has(flow.endpoint)) continue;
            flow.close();
            all.remove();
        }
    }

    private @Nullable SlotTurn turnOf(SocketAddress client) {
        SlotTurn own = turns.get(classes.getOrDefault(((InetSocketAddress) client).getAddress(), 0));
        return own == null ? turns.get(0) : own;
    }

    /** Clients have sent. */
    void readable(ByteBuffer buffer) throws IOException {
        for (int i = 0; i < TURN; i++) {
            buffer.clear();
            SocketAddress client = channel.receive(buffer);
            if (client == null) return;
            buffer.flip();
            counts.datagrams.increment();
            forward(client, buffer);
        }
    }

    private void forward(SocketAddress client, ByteBuffer buffer) {
        try {
            Flow flow = flows.get(client);
            if (flow == null) flow = begin(client);
            flow.usedNanos = System.nanoTime();
            if (flow.upstream == null || flow.upstream.write(buffer) == 0 && buffer.hasRemaining()) counts.dropped.increment();
        } catch (PortUnreachableException gone) {
            counts.unreachable.increment();
            Flow flow = flows.get(client);
            if (flow != null) end(flow);
        } catch (IOException e) {
            counts.dropped.increment();
        }
    }

    private Flow begin(SocketAddress client) throws IOException {
        SlotTurn turn = turnOf(client);
        InetSocketAddress to = turn == null ? null : affinity ? turn.of(((InetSocketAddress) client).getAddress()) : turn.next();
        if (flows.size() >= maxFlows) {
            end(flows.values().iterator().next());
            counts.evicted.increment();
        }
        Flow made = new Flow(client, to);
        flows.put(client, made);
        counts.flows.increment();
        return made;
    }

    private void end(Flow flow) {
        flows.remove(flow.client, flow);
        flow.close();
    }

    /** Ends the flows that were not used since then. */
    void sweep(long sinceNanos) {
        for (Iterator<Flow> all = flows.values().iterator(); all.hasNext(); ) {
            Flow oldest = all.next();
            if (oldest.usedNanos - sinceNanos > 0) return;
            oldest.close();
            all.remove();
        }
    }

    int flows() {
        return flows.size();
    }

    void close() {
        flows.values().forEach(Flow::close);
        flows.clear();
        try {
            channel.close();
        } catch (IOException e) {
            counts.dropped.increment();
        }
    }
}
