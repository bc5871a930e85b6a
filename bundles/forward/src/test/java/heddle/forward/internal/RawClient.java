package heddle.forward.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client that sends bytes as they stand and reads what comes. */
final class RawClient implements AutoCloseable {
    final Socket socket = new Socket();
    private final InputStream in;

    RawClient(InetSocketAddress to) throws IOException {
        socket.connect(to, 30_000);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(60_000);
        in = socket.getInputStream();
    }

    RawClient send(String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        return this;
    }

    /** A whole response: status line, head and body, each as it came. */
    String response() throws IOException {
        return response(false);
    }

    String response(boolean toHead) throws IOException {
        String head = head();
        String lower = head.toLowerCase();
        StringBuilder all = new StringBuilder(head);
        int status = head.length() > 12 ? Integer.parseInt(head.substring(9, 12)) : 0;
        if (toHead || status == 204 || status == 304 || status < 200) return all.toString();
        if (lower.contains("transfer-encoding: chunked")) {
            while (true) {
                String line = line();
                all.append(line);
                int size = Integer.parseInt(line.strip(), 16);
                if (size == 0) {
                    String trailer;
                    do {
                        trailer = line();
                        all.append(trailer);
                    } while (!trailer.equals("\r\n"));
                    return all.toString();
                }
                all.append(read(size + 2));
            }
        }
        int at = lower.indexOf("content-length:");
        if (at < 0) return all.append(rest()).toString();
        int length = Integer.parseInt(lower.substring(at + 15, lower.indexOf('\r', at)).strip());
        return all.append(read(length)).toString();
    }

    String head() throws IOException {
        StringBuilder text = new StringBuilder();
        while (true) {
            String line = line();
            text.append(line);
            if (line.equals("\r\n") || line.isEmpty()) return text.toString();
        }
    }

    String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b; (b = in.read()) >= 0; ) {
            line.append((char) b);
            if (b == '\n') break;
        }
        return line.toString();
    }

    String read(int n) throws IOException {
        byte[] bytes = in.readNBytes(n);
        if (bytes.length < n) throw new IOException("ended after " + bytes.length + " of " + n + " bytes");
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Everything up to the end of the connection; a reset is an IOException. */
    String rest() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        in.transferTo(all);
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    @Override public void close() throws IOException {
        socket.close();
    }
}
