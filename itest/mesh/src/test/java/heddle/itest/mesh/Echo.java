package heddle.itest.mesh;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A backend as a process of its own: {@code Echo NAME ADDRESS PORT...}. It answers with what it received, one fact a line:
 *  {@code backend=}, {@code request=}, {@code peer=}, {@code header: value} for each header, {@code bytes=} of the body.
 *  The query changes the answer: {@code wait=MS}, {@code until=FILE} (answers once that is there), {@code status=N}, {@code bytes=N} (a body of that length), {@code chunked=1},
 *  {@code break=head} (closes before answering), {@code break=body} (closes in the middle of the body), {@code drip=MS} (a body without
 *  end, its lines numbered, one each MS). An Upgrade is
 *  answered 101, then echoed. On a port given as {@code PORT/greets} it speaks first, one line, and is no HTTP server. */
final class Echo {
    private final String name;

    private Echo(String name) {
        this.name = name;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Echo echo = new Echo(args[0]);
        for (int i = 2; i < args.length; i++) {
            boolean greets = args[i].endsWith("/greets");
            ServerSocket server = new ServerSocket(Integer.parseInt(args[i].replace("/greets", "")), 1024, InetAddress.ofLiteral(args[1]));
            Thread.ofPlatform().start(() -> echo.accept(server, greets));
        }
        System.out.println("ready");
        System.out.flush();
    }

    private void accept(ServerSocket server, boolean greets) {
        while (true) {
            try {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> serve(client, greets));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket client, boolean greets) {
        try (client) {
            client.setTcpNoDelay(true);
            OutputStream out = client.getOutputStream();
            InputStream in = new BufferedInputStream(client.getInputStream());
            if (greets) {
                out.write(("220 " + name + " greets you\n").getBytes(StandardCharsets.ISO_8859_1));
                out.flush();
                in.transferTo(out);
                return;
            }
            boolean more = true;
            while (more) {
                more = answer(in, out, client);
            }
        } catch (IOException e) {
            // the other side went away; the test looks at the client's end
        }
    }

    private boolean answer(InputStream in, OutputStream out, Socket client) throws IOException {
        String requestLine;
        try {
            requestLine = line(in);
        } catch (EOFException e) {
            return false;
        }
        StringBuilder facts = new StringBuilder("backend=" + name + "\nrequest=" + requestLine + "\npeer="
                + client.getInetAddress().getHostAddress() + "\n");
        Map<String, String> headers = new HashMap<>();
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            headers.put(header.substring(0, colon).toLowerCase(java.util.Locale.ROOT), header.substring(colon + 1).strip());
            facts.append(header.substring(0, colon).toLowerCase(java.util.Locale.ROOT)).append(": ").append(header.substring(colon + 1).strip()).append('\n');
        }
        if (headers.getOrDefault("expect", "").equalsIgnoreCase("100-continue")) {
            write(out, "HTTP/1.1 100 Continue\r\n\r\n");
        }
        if (headers.containsKey("upgrade")) {
            write(out, "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: " + headers.get("upgrade") + "\r\nx-backend: " + name + "\r\n\r\n");
            in.transferTo(out);
            return false;
        }
        facts.append("bytes=").append(body(in, headers)).append('\n');
        Map<String, String> query = query(requestLine.split(" ")[1]);
        sleep(Long.parseLong(query.getOrDefault("wait", "0")));
        while (query.containsKey("until") && !Files.exists(Path.of(query.get("until")))) sleep(20);
        return reply(out, requestLine, headers, query, facts.toString().getBytes(StandardCharsets.UTF_8));
    }

    private boolean reply(OutputStream out, String requestLine, Map<String, String> headers, Map<String, String> query, byte[] facts)
            throws IOException {
        if ("head".equals(query.get("break"))) {
            return false;
        }
        int status = Integer.parseInt(query.getOrDefault("status", "200"));
        boolean bodyless = requestLine.startsWith("HEAD ") || status == 204 || status == 304;
        long length = query.containsKey("bytes") ? Long.parseLong(query.get("bytes")) : facts.length;
        String framing = status == 204 ? "" : query.containsKey("chunked") || query.containsKey("drip") ? "transfer-encoding: chunked\r\n" : "content-length: " + length + "\r\n";
        write(out, "HTTP/1.1 " + status + " Answer\r\nx-backend: " + name + "\r\nx-old: old\r\n" + framing + "\r\n");
        if (bodyless) {
            return true;
        }
        if (query.containsKey("drip")) {
            drip(out, Long.parseLong(query.get("drip")));
        }
        if ("body".equals(query.get("break"))) {
            write(out, "half");
            return false;
        }
        send(out, facts, length, query.containsKey("bytes"), query.containsKey("chunked"));
        return !headers.getOrDefault("connection", "").equalsIgnoreCase("close");
    }

    /** Ends when the other side goes. */
    private static void drip(OutputStream out, long millis) throws IOException {
        for (long n = 0; ; n++) {
            String line = n + "\n";
            write(out, Integer.toHexString(line.length()) + "\r\n" + line + "\r\n");
            sleep(millis);
        }
    }

    private static void send(OutputStream out, byte[] facts, long length, boolean filler, boolean chunked) throws IOException {
        byte[] block = filler ? "0123456789abcdef".repeat(4096).getBytes(StandardCharsets.US_ASCII) : facts;
        for (long left = length; left > 0;) {
            int now = (int) Math.min(left, block.length);
            if (chunked) {
                write(out, Integer.toHexString(now) + "\r\n");
            }
            out.write(block, 0, now);
            if (chunked) {
                write(out, "\r\n");
            }
            left -= now;
        }
        if (chunked) {
            write(out, "0\r\nx-trailer: end\r\n\r\n");
        }
        out.flush();
    }

    private static long body(InputStream in, Map<String, String> headers) throws IOException {
        if (headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")) {
            long sum = 0;
            while (true) {
                long size = Long.parseLong(line(in).split(";")[0].strip(), 16);
                if (size == 0) {
                    while (!line(in).isEmpty()) {
                        // trailers
                    }
                    return sum;
                }
                in.skipNBytes(size);
                line(in);
                sum += size;
            }
        }
        long length = Long.parseLong(headers.getOrDefault("content-length", "0"));
        in.skipNBytes(length);
        return length;
    }

    private static Map<String, String> query(String target) {
        Map<String, String> query = new HashMap<>();
        int mark = target.indexOf('?');
        if (mark >= 0) {
            for (String pair : target.substring(mark + 1).split("&")) {
                int equals = pair.indexOf('=');
                query.put(equals < 0 ? pair : pair.substring(0, equals), equals < 0 ? "" : pair.substring(equals + 1));
            }
        }
        return query;
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException();
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }
}
