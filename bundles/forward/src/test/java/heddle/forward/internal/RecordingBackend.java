package heddle.forward.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** A backend that keeps every byte it was sent and answers by a script of the test's. */
final class RecordingBackend implements AutoCloseable {
    /** Serves one connection; the socket is closed when it returns. */
    interface Script {
        void serve(Conversation with) throws Exception;
    }

    static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private final ServerSocket server;
    private final Script script;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    final List<Conversation> conversations = new CopyOnWriteArrayList<>();

    RecordingBackend(Script script) throws IOException {
        this.script = script;
        server = new ServerSocket();
        server.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 512);
        Thread.ofVirtual().start(this::accept);
    }

    /** Answers every request with the same bytes, on kept connections; understands Content-Length and chunked bodies. */
    static RecordingBackend answering(String response) throws IOException {
        return new RecordingBackend(with -> {
            while (with.request()) with.send(response);
        });
    }

    /** Takes requests and never answers. */
    static RecordingBackend silent() throws IOException {
        return new RecordingBackend(with -> {
            while (with.request()) {}
        });
    }

    InetSocketAddress address() {
        return (InetSocketAddress) server.getLocalSocketAddress();
    }

    /** Everything that all connections have sent, in order of the connections. */
    String received() {
        StringBuilder all = new StringBuilder();
        for (Conversation conversation : conversations) all.append(conversation.received());
        return all.toString();
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                open.add(socket);
                Conversation conversation = new Conversation(socket);
                conversations.add(conversation);
                Thread.ofVirtual().start(() -> {
                    try (socket) {
                        script.serve(conversation);
                    } catch (Exception e) {
                        conversation.fault = e;
                    }
                });
            } catch (IOException closed) {
                return;
            }
        }
    }

    @Override public void close() throws IOException {
        server.close();
        for (Socket socket : open) socket.close();
    }

    static final class Conversation {
        final Socket socket;
        private final InputStream in;
        final OutputStream out;
        private final ByteArrayOutputStream raw = new ByteArrayOutputStream();
        volatile Exception fault;
        String head = "";
        String body = "";

        Conversation(Socket socket) throws IOException {
            this.socket = socket;
            this.in = socket.getInputStream();
            this.out = socket.getOutputStream();
        }

        synchronized String received() {
            return raw.toString(StandardCharsets.ISO_8859_1);
        }

        int read() throws IOException {
            int b = in.read();
            if (b >= 0) synchronized (this) {
                raw.write(b);
            }
            return b;
        }

        String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int b; (b = read()) >= 0; ) {
                line.append((char) b);
                if (b == '\n') return line.toString();
            }
            return line.toString();
        }

        /** Reads a head; false at the end of the connection. */
        boolean readHead() throws IOException {
            StringBuilder text = new StringBuilder();
            while (true) {
                String line = line();
                if (line.isEmpty()) return false;
                text.append(line);
                if (line.equals("\r\n")) break;
            }
            head = text.toString();
            return true;
        }

        boolean request() throws IOException {
            if (!readHead()) return false;
            StringBuilder data = new StringBuilder();
            String lower = head.toLowerCase();
            if (lower.contains("transfer-encoding: chunked")) {
                while (true) {
                    int size = Integer.parseInt(line().strip(), 16);
                    for (int i = 0; i < size; i++) data.append((char) read());
                    if (size == 0) {
                        while (!line().equals("\r\n")) { }
                        break;
                    }
                    line();
                }
            } else if (lower.contains("content-length:")) {
                int at = lower.indexOf("content-length:") + 15;
                int size = Integer.parseInt(lower.substring(at, lower.indexOf('\r', at)).strip());
                for (int i = 0; i < size; i++) data.append((char) read());
            }
            body = data.toString();
            return true;
        }

        /** Takes bytes, without keeping them, until so many have come; false at the end of the connection. */
        boolean take(long size, AtomicLong come) throws IOException {
            byte[] block = new byte[65536];
            while (come.get() < size) {
                int n = in.read(block);
                if (n < 0) return false;
                come.addAndGet(n);
            }
            return true;
        }

        void send(String bytes) throws IOException {
            out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }

        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }
}
