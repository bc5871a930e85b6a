package heddle.source.kube.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A TCP relay that can fall silent: connections stay open and accepted, and nothing passes, as where a firewall drops what it no longer knows. */
final class SilentWire implements AutoCloseable {
    private final ServerSocket listener;
    private final int server;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final LinkedBlockingQueue<String> swallowed = new LinkedBlockingQueue<>();
    private volatile boolean silent;

    SilentWire(int server) throws IOException {
        this.server = server;
        this.listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** From now on nothing passes, on no connection. */
    void silence() {
        silent = true;
    }

    /** Those that come from now on pass; those that are there stay dead. */
    void newConnectionsPass() {
        silent = false;
    }

    /** Waits until such a request was swallowed. */
    void heard(String begin) throws InterruptedException {
        String each;
        do {
            each = swallowed.poll(60, TimeUnit.SECONDS);
            if (each == null) throw new AssertionError("not asked within 60 s: " + begin);
        } while (!each.startsWith(begin));
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket behind = new Socket("127.0.0.1", server);
                sockets.addAll(List.of(client, behind));
                boolean[] dead = {false};
                Thread.ofVirtual().start(() -> relay(client, behind, dead));
                Thread.ofVirtual().start(() -> relay(behind, client, dead));
            }
        } catch (IOException closed) {
            // the end
        }
    }

    private void relay(Socket from, Socket to, boolean[] dead) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] piece = new byte[16_384];
            for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
                synchronized (dead) {
                    dead[0] |= silent;
                    if (!dead[0]) out.write(piece, 0, length);
                    else swallowed.add(new String(piece, 0, length, StandardCharsets.ISO_8859_1));
                }
            }
            synchronized (dead) {
                dead[0] |= silent;
                if (!dead[0]) to.close();
            }
        } catch (IOException closed) {
            // of one side
        }
    }

    @Override public void close() throws IOException {
        listener.close();
        for (Socket each : sockets) each.close();
    }
}
