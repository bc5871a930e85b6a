package heddle.forward.internal;

import heddle.api.steer.Accepted;
import heddle.api.steer.Origin;
import heddle.api.steer.Place;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

/** A listening socket on loopback, lent by duplicates as a steering does. */
final class StubPlace implements Place, AutoCloseable {
    private static final AtomicInteger NEXT = new AtomicInteger();
    private final Socket socket;
    private final String id = "stub:" + NEXT.incrementAndGet();
    final InetSocketAddress address;
    volatile boolean local = true;
    volatile boolean noRecord;
    final AtomicInteger insideCalls = new AtomicInteger();

    StubPlace() throws IOException {
        this(InetAddress.getByName("127.0.0.1"));
    }

    StubPlace(InetAddress at) throws IOException {
        Epoll.ensureAvailability();
        socket = Socket.newSocketStream();
        socket.bind(new InetSocketAddress(at, 0));
        socket.listen(128);
        address = socket.localAddress();
    }

    @Override public String id() {
        return id;
    }

    /** Through /proc, because nothing here may call dup: opening it duplicates nothing for sockets, so the JDK does it by fcntl. */
    @Override public int listener() {
        return Descriptors.duplicate(socket.intValue());
    }

    @Override public <T> T inside(Callable<T> makeSocket) throws Exception {
        insideCalls.incrementAndGet();
        return makeSocket.call();
    }

    @Override public boolean local() {
        return local;
    }

    @Override public Origin origin(Accepted connection) {
        return noRecord ? Origin.NONE : new Origin(connection.local(), connection.remote(), 0);
    }

    @Override public void close() throws IOException {
        socket.close();
    }
}
