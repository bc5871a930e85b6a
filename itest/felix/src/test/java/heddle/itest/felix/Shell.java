package heddle.itest.felix;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** The control socket, a connection a command. */
record Shell(Path socket) {
    record Answer(int status, String text) {}

    Answer run(String line) throws IOException {
        try (SocketChannel connection = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            connection.connect(UnixDomainSocketAddress.of(socket));
            connection.write(ByteBuffer.wrap(("RUN " + line + "\n").getBytes(StandardCharsets.UTF_8)));
            BufferedReader in = new BufferedReader(new InputStreamReader(Channels.newInputStream(connection), StandardCharsets.UTF_8));
            StringBuilder text = new StringBuilder();
            for (String each = in.readLine(); each != null; each = in.readLine()) {
                if (each.startsWith("= ")) return new Answer(Integer.parseInt(each.substring(2)), text.toString());
                text.append(each.substring(2)).append('\n');
            }
            throw new IOException("closed after: " + text);
        }
    }

    void awaitReady(Duration limit) throws IOException {
        long end = System.nanoTime() + limit.toNanos();
        String last = "no answer";
        while (System.nanoTime() < end) {
            try {
                Answer answer = run("mesh:status");
                if (answer.status() == 0) return;
                last = answer.text();
            } catch (IOException notYet) {
                last = notYet.toString();
            }
            LockSupport.parkNanos(20_000_000);
        }
        throw new IOException("not ready within " + limit + ": " + last);
    }
}
