package heddle.itest.mesh;

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

/** The control socket, a connection a command: the CLI is a JVM of its own, whose start takes a core for a while. */
record Control(Path socket) {
    /** What a line of Gogo printed; a status other than 0 fails the test. */
    String run(String line) {
        StringBuilder text = new StringBuilder();
        try (SocketChannel connection = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            connection.connect(UnixDomainSocketAddress.of(socket));
            connection.write(ByteBuffer.wrap(("RUN " + line + "\n").getBytes(StandardCharsets.UTF_8)));
            BufferedReader in = new BufferedReader(new InputStreamReader(Channels.newInputStream(connection), StandardCharsets.UTF_8));
            for (String each = in.readLine(); each != null; each = in.readLine()) {
                if (each.equals("= 0")) return text.toString();
                if (each.startsWith("= ")) throw new AssertionError(line + ": status " + each.substring(2) + "\n" + text);
                text.append(each.substring(2)).append('\n');
            }
            throw new AssertionError(line + ": closed after\n" + text);
        } catch (IOException e) {
            throw new AssertionError(line + ": " + e + "\n" + text, e);
        }
    }
}
