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
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/** A steady load over kept-alive connections. Strict: an answer other than 200, a broken one, a refused connect and a close that no
 *  {@code Connection: close} announced are all failures; nothing is retried. Also a program of its own, for a client in another network
 *  namespace: {@code Load HOST PORT PATH CONNECTIONS EACH KEPT}, whose last line but for failures is rewritten ten times a second. */
final class Load implements AutoCloseable {
    static final int STEP_MICROS = 50;
    private final String from;
    private final InetSocketAddress address;
    private final String request;
    private final long interval;
    private final boolean kept;
    private final List<Thread> clients = new ArrayList<>();
    private final LongAdder answers = new LongAdder();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final Map<String, Long> backends = new ConcurrentHashMap<>();
    /** Answers by the time they took, in steps of {@value #STEP_MICROS} µs; the last one holds all slower ones. */
    private final AtomicLongArray times = new AtomicLongArray(40_000);
    private volatile boolean ended;

    /** @param each requests a second, all connections together */
    Load(String host, int port, String path, int connections, int each) {
        this(host, port, path, connections, each, true);
    }

    /** @param kept whether connections are used again; else each request has its own */
    Load(String host, int port, String path, int connections, int each, boolean kept) {
        this("", host, port, path, connections, each, kept);
    }

    /** @param from the client's own address; "": whatever the system takes */
    Load(String from, String host, int port, String path, int connections, int each, boolean kept) {
        this.from = from;
        this.address = new InetSocketAddress(host, port);
        this.request = "GET " + path + " HTTP/1.1\r\nHost: " + host + (kept ? "" : "\r\nConnection: close") + "\r\n\r\n";
        this.kept = kept;
        this.interval = 1_000_000_000L * connections / each;
        for (int i = 0; i < connections; i++) {
            long first = System.nanoTime() + interval * i / connections;
            clients.add(Thread.ofPlatform().name("load-" + i).start(() -> run(first)));
        }
    }

    public static void main(String[] args) throws InterruptedException {
        Load load = new Load(args[0], Integer.parseInt(args[1]), args[2], Integer.parseInt(args[3]), Integer.parseInt(args[4]), Boolean.parseBoolean(args[5]));
        while (true) {
            System.out.println("answers=" + load.answers() + " backends=" + load.backends() + " failures=" + load.failures());
            Thread.sleep(100);
        }
    }

    long answers() {
        return answers.sum();
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    /** Answers by the backend that gave them. */
    Map<String, Long> backends() {
        return Map.copyOf(backends);
    }

    Times times() {
        TreeMap<Integer, Long> counts = new TreeMap<>();
        for (int i = 0; i < times.length(); i++) if (times.get(i) > 0) counts.put(i, times.get(i));
        return new Times(counts);
    }

    @Override
    public void close() {
        ended = true;
        for (Thread client : clients) {
            try {
                client.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private void run(long first) {
        long due = first;
        while (!ended) {
            try (Socket socket = new Socket()) {
                socket.setTcpNoDelay(true);
                socket.setSoTimeout(20_000);
                if (!from.isEmpty()) socket.bind(new InetSocketAddress(from, 0));
                socket.connect(address, 10_000);
                InputStream in = new BufferedInputStream(socket.getInputStream());
                boolean more = true;
                while (more && !ended) {
                    LockSupport.parkNanos(due - System.nanoTime());
                    due = Math.max(due + interval, System.nanoTime() - interval * 10);
                    long sent = System.nanoTime();
                    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                    more = answer(in) && kept;
                    times.incrementAndGet((int) Math.min(times.length() - 1, (System.nanoTime() - sent) / 1000 / STEP_MICROS));
                }
            } catch (IOException e) {
                failures.add(e.toString());
                LockSupport.parkNanos(50_000_000);
            }
        }
    }

    private boolean answer(InputStream in) throws IOException {
        String status = line(in);
        long length = -1;
        boolean kept = true;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            String lower = header.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Long.parseLong(header.substring(15).strip());
            } else if (lower.startsWith("x-backend:")) {
                backends.merge(header.substring(10).strip(), 1L, Long::sum);
            } else if (lower.startsWith("connection:") && lower.contains("close")) {
                kept = false;
            }
        }
        if (length < 0) {
            throw new IOException("an answer without content-length: " + status);
        }
        in.skipNBytes(length);
        if (!status.startsWith("HTTP/1.1 200 ")) {
            failures.add(status);
        }
        answers.increment();
        return kept;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("closed in place of an answer");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}
