package heddle.steer.internal;

import heddle.api.steer.Accepted;
import heddle.api.steer.Origin;
import heddle.api.steer.Place;
import java.net.InetSocketAddress;
import java.util.concurrent.Callable;

/** One listening socket of one network namespace. Its descriptor belongs to the {@link Namespaces}; duplicates are lent. Any thread. */
final class NamespacePlace implements Place {
    private final String id;
    private final int listener;
    private final Namespaces.Open namespace;
    private final Namespaces owner;

    NamespacePlace(String id, int listener, Namespaces.Open namespace, Namespaces owner) {
        this.id = id;
        this.listener = listener;
        this.namespace = namespace;
        this.owner = owner;
    }

    @Override public String id() {
        return id;
    }

    @Override public int listener() {
        return Sys.duplicate(listener);
    }

    int descriptor() {
        return listener;
    }

    @Override public <T> T inside(Callable<T> makeSocket) throws Exception {
        return namespace.home() ? makeSocket.call() : owner.thread().inside(namespace.held(), makeSocket);
    }

    @Override public boolean local() {
        return namespace.home();
    }

    /** The record that the kernel keeps with the socket. A workload that is registered with another network namespace is unknown. */
    @Override public Origin origin(Accepted connection) {
        byte[] bytes = new byte[Abi.ORIG.size()];
        if (!connection.socketOption(Abi.LEVEL, Abi.ORIGIN, bytes)) return Origin.NONE;
        Struct.Value orig = Abi.ORIG.read(bytes);
        long how = orig.get("how");
        if (how != Abi.HOW_STEER4 && how != Abi.HOW_STEER6) return Origin.NONE;
        int workload = (int) orig.get("workload");
        if (workload != 0) workload = owner.planned(workload);
        if (workload > 0 && !owner.belongs(workload, orig.get("netns"))) workload = 0;
        return new Origin(new InetSocketAddress(Abi.address(orig.bytes("addr")), orig.port("port")), connection.remote(), workload);
    }

    @Override public String toString() {
        return id;
    }
}
