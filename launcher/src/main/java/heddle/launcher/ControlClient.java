package heddle.launcher;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;

/** The client's side of the control socket; the protocol is described at the shell bundle's ControlSession. One thread. */
final class ControlClient implements AutoCloseable {
    private final SocketChannel connection;
    private final OutputStream to;
    private final BufferedReader from;

    /** @throws NoDaemonException when nobody listens there */
    ControlClient(Path socket) throws IOException, NoDaemonException {
        connection = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            connection.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException refused) {
            connection.close();
            throw new NoDaemonException("no daemon answers at " + socket + " (" + refused.getMessage() + "); start one with `heddle run`, or name its socket with --control-socket");
        }
        to = Channels.newOutputStream(connection);
        from = new BufferedReader(new InputStreamReader(Channels.newInputStream(connection), StandardCharsets.UTF_8));
    }

    static final class NoDaemonException extends Exception {
        private static final long serialVersionUID = 1;

        NoDaemonException(String message) {
            super(message);
        }
    }

    /** Calls one command of the mesh; its arguments reach it as they are. */
    int call(String command, List<String> arguments, PrintStream out, PrintStream err) throws IOException {
        StringBuilder line = new StringBuilder("CALL ").append(command);
        for (String argument : arguments) line.append(' ').append(Base64.getUrlEncoder().encodeToString(argument.getBytes(StandardCharsets.UTF_8)));
        return exchange(line.toString(), out, err);
    }

    /** Runs one line of Gogo. */
    int run(String line, PrintStream out, PrintStream err) throws IOException {
        return exchange("RUN " + line, out, err);
    }

    private int exchange(String request, PrintStream out, PrintStream err) throws IOException {
        to.write((request + "\n").getBytes(StandardCharsets.UTF_8));
        to.flush();
        for (String line = from.readLine(); line != null; line = from.readLine()) {
            if (line.startsWith("= ")) {
                out.flush();
                return Integer.parseInt(line.substring(2));
            }
            if (line.length() < 2) throw new IOException("the daemon's answer is not understood: " + line);
            PrintStream stream = line.charAt(0) == '2' ? err : out;
            if (line.charAt(1) == '-') stream.print(line.substring(2));
            else stream.append(line, 2, line.length()).append('\n');
        }
        throw new IOException("the daemon closed the connection before the command had ended");
    }

    @Override public void close() throws IOException {
        connection.close();
    }
}
