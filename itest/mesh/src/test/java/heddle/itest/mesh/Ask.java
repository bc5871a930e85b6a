package heddle.itest.mesh;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.util.Base64;

/** The daemon's control socket without the CLI's process around it: for many questions. */
final class Ask implements AutoCloseable {
    private final SocketChannel socket;
    private final BufferedReader in;
    private final OutputStream out;

    Ask(Path path) throws IOException {
        socket = SocketChannel.open(UnixDomainSocketAddress.of(path));
        in = new BufferedReader(new InputStreamReader(Channels.newInputStream(socket), StandardCharsets.UTF_8));
        out = Channels.newOutputStream(socket);
    }

    /** What the command prints. */
    String call(String command, String... arguments) throws IOException {
        StringBuilder line = new StringBuilder("CALL " + command);
        for (String argument : arguments) line.append(' ').append(Base64.getUrlEncoder().withoutPadding().encodeToString(argument.getBytes(StandardCharsets.UTF_8)));
        out.write(line.append('\n').toString().getBytes(StandardCharsets.UTF_8));
        out.flush();
        StringBuilder text = new StringBuilder();
        for (String got = in.readLine(); got != null; got = in.readLine()) {
            if (got.startsWith("= ")) return text.toString();
            text.append(got.substring(2)).append('\n');
        }
        throw new IOException("the daemon ended the connection after: " + text);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
