package heddle.itest.mesh;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/** Answers without end and WebSockets, each a thread: what comes must be what is due, in order. One that breaks is noted with the time and
 *  opened again; one that cannot be opened is a failure. */
final class Streams {
    /** @param nanos when it was noticed, by the clock that all processes of a machine share */
    record Break(long nanos, String what) {}

    private static final int EACH_MILLIS = 100;
    private final InetSocketAddress address;
    private final String host;
    private final AtomicLongArray units;
    private final ConcurrentLinkedQueue<Break> breaks = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();

    Streams(String host, int port, String path, int streams, int webSockets) {
        this.host = host;
        this.address = new InetSocketAddress(host, port);
        this.units = new AtomicLongArray(streams + webSockets);
        for (int i = 0; i < streams + webSockets; i++) {
            int number = i;
            Thread.ofPlatform().daemon().name("stream-" + i).start(() -> again(number, path, number >= streams));
        }
    }

    List<Break> breaks() {
        return List.copyOf(breaks);
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    /** How much each has received. */
    List<Long> units() {
        List<Long> all = new ArrayList<>();
        for (int i = 0; i < units.length(); i++) all.add(units.get(i));
        return all;
    }

    private void again(int number, String path, boolean webSocket) {
        while (true) {
            boolean open = false;
            try (Socket socket = new Socket()) {
                socket.setTcpNoDelay(true);
                socket.setSoTimeout(20_000);
                socket.connect(address, 10_000);
                InputStream in = new BufferedInputStream(socket.getInputStream());
                String upgrade = webSocket ? "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" : "";
                send(socket, "GET " + path + (webSocket ? "" : "?drip=" + EACH_MILLIS) + " HTTP/1.1\r\nHost: " + host + "\r\n" + upgrade + "\r\n");
                String status = line(in);
                if (!status.startsWith(webSocket ? "HTTP/1.1 101 " : "HTTP/1.1 200 ")) throw new IOException(status);
                while (!line(in).isEmpty()) continue;
                open = true;
                if (webSocket) talk(number, socket, in);
                else read(number, in);
            } catch (IOException e) {
                String what = (webSocket ? "WebSocket " : "stream ") + number + ": " + e;
                if (open) breaks.add(new Break(System.nanoTime(), what));
                else failures.add(what + " (not opened)");
                LockSupport.parkNanos(20_000_000);
            }
        }
    }

    /** Chunks, one a line of the body, numbered. */
    private void read(int number, InputStream in) throws IOException {
        StringBuilder body = new StringBuilder();
        for (long due = 0; ; ) {
            int length = Integer.parseInt(line(in), 16);
            if (length == 0) throw new EOFException("the answer ended");
            body.append(new String(in.readNBytes(length), StandardCharsets.US_ASCII));
            if (!line(in).isEmpty()) throw new IOException("a chunk without end");
            for (int end = body.indexOf("\n"); end >= 0; end = body.indexOf("\n")) {
                if (!body.substring(0, end).equals(Long.toString(due))) throw new IOException("got " + body.substring(0, end) + ", due is " + due);
                body.delete(0, end + 1);
                due++;
                units.incrementAndGet(number);
            }
        }
    }

    /** Masked text frames, which come back as they are. */
    private void talk(int number, Socket socket, InputStream in) throws IOException {
        byte[] frame = {(byte) 0x81, (byte) 0x84, 1, 2, 3, 4, 0, 0, 0, 0};
        for (int n = 0; ; n++) {
            frame[6] = (byte) (n >> 8);
            frame[9] = (byte) n;
            socket.getOutputStream().write(frame);
            byte[] back = in.readNBytes(frame.length);
            if (back.length < frame.length) throw new EOFException("closed");
            if (!java.util.Arrays.equals(back, frame)) throw new IOException("another frame came back");
            units.incrementAndGet(number);
            LockSupport.parkNanos(EACH_MILLIS * 1_000_000L);
        }
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) throw new EOFException("closed");
            if (c != '\r') line.append((char) c);
        }
        return line.toString();
    }
}
