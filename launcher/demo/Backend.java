import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** A service of the playground: {@code Backend NAME VERSION SAYS ADDRESS PORT}. It answers each request with one line: who answers, and
 *  whether the request came straight or through the mesh (which gives each request an x-request-id). {@code ?wait=300} answers after 300 ms.
 *  A demo's server, not an HTTP implementation: bodies by Content-Length only. */
final class Backend {
    private final String name;
    private final String version;
    private final String says;

    private Backend(String name, String version, String says) {
        this.name = name;
        this.version = version;
        this.says = says;
    }

    public static void main(String[] args) throws IOException {
        Backend backend = new Backend(args[0], args[1], args[2]);
        try (ServerSocket server = new ServerSocket(Integer.parseInt(args[4]), 1024, InetAddress.ofLiteral(args[3]))) {
            System.out.println(args[0] + " " + args[1] + " listens on " + args[3] + ":" + args[4]);
            while (true) {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> backend.serve(client));
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            client.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(client.getInputStream());
            OutputStream out = client.getOutputStream();
            while (answer(in, out, client.getInetAddress().getHostAddress())) {
                // next request of the same connection
            }
        } catch (IOException e) {
            // the client went away
        }
    }

    private boolean answer(InputStream in, OutputStream out, String from) throws IOException {
        String requestLine = line(in);
        if (requestLine.isEmpty()) {
            return false;
        }
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            headers.put(header.substring(0, colon), header.substring(colon + 1).strip());
        }
        in.skipNBytes(Long.parseLong(headers.getOrDefault("content-length", "0")));
        String[] request = requestLine.split(" ");
        waitFor(request[1]);
        StringBuilder text = new StringBuilder(name + " " + version + " " + says);
        text.append(headers.containsKey("x-request-id") ? ", through the mesh" : ", straight from " + from);
        if (headers.containsKey("x-route")) {
            text.append(", x-route: ").append(headers.get("x-route"));
        }
        byte[] body = text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
        String head = "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\nx-served-by: " + name + " " + version
                + "\r\ncontent-length: " + body.length + "\r\n\r\n";
        out.write((request[0].equals("HEAD") ? head : head + new String(body, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8));
        out.flush();
        return !headers.getOrDefault("connection", "").equalsIgnoreCase("close");
    }

    private static void waitFor(String target) {
        int at = target.indexOf("wait=");
        if (at >= 0) {
            try {
                Thread.sleep(Long.parseLong(target.substring(at + 5).split("&")[0]));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n' && c >= 0; c = in.read()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}
