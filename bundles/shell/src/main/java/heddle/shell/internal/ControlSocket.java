package heddle.shell.internal;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import jdk.net.ExtendedSocketOptions;
import org.apache.felix.service.command.CommandProcessor;

/** Listens at the control socket, mode 0600; a thread a connection. The socket appears under its name with its final mode: it is
 *  bound beside it and renamed, so that nobody can reach it in between. */
final class ControlSocket implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("heddle.shell");
    private final Path path;
    private final CommandProcessor processor;
    private final ServerSocketChannel listener;
    private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();

    ControlSocket(Path path, CommandProcessor processor) throws IOException {
        this.path = path;
        this.processor = processor;
        this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Path fresh = path.resolveSibling("." + path.getFileName() + ".new");
        Files.createDirectories(path.toAbsolutePath().getParent());
        Files.deleteIfExists(fresh);
        listener.bind(UnixDomainSocketAddress.of(fresh));
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
        Files.move(fresh, path, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        Thread.ofPlatform().daemon().name("heddle-control").start(this::accept);
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel connection = listener.accept();
                connections.add(connection);
                Thread.ofPlatform().daemon().name("heddle-control-session").start(() -> {
                    try {
                        new ControlSession(connection, processor, peer(connection)).run();
                    } finally {
                        connections.remove(connection);
                    }
                });
            }
        } catch (AsynchronousCloseException closed) {
            // By close().
        } catch (ClosedChannelException closed) {
            // By close().
        } catch (IOException bad) {
            LOG.log(Level.ERROR, "the control socket takes no more connections: " + bad.getMessage(), bad);
        }
    }

    private static String peer(SocketChannel connection) {
        try {
            return connection.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
        } catch (IOException | UnsupportedOperationException unknown) {
            return "unknown";
        }
    }

    @Override public void close() {
        try {
            listener.close();
            Files.deleteIfExists(path);
            for (SocketChannel connection : connections) connection.close();
        } catch (IOException left) {
            LOG.log(Level.WARNING, "cannot remove {0}: {1}", path, left.getMessage());
        }
    }
}
