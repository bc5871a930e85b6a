package heddle.steer.bind.internal;

import heddle.api.steer.Accepted;
import heddle.api.steer.Origin;
import heddle.api.steer.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Callable;

/** One Service address and port. What was dialled is the accepted socket's own address, and a client is known by its source address. */
final class BoundPlace implements Place {
    private final Listener listener;
    private final String id;

    BoundPlace(Listener listener) {
        this.listener = listener;
        this.id = id(listener.address());
    }

    static String id(InetSocketAddress address) {
        return "bind:" + Text.of(address);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public int listener() {
        try {
            return listener.duplicate();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public <T> T inside(Callable<T> makeSocket) throws Exception {
        return makeSocket.call();
    }

    @Override
    public boolean local() {
        return true;
    }

    @Override
    public Origin origin(Accepted connection) {
        return new Origin(connection.local(), connection.remote(), 0);
    }

    void close() {
        listener.close();
    }

    @Override
    public String toString() {
        return id;
    }
}
