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
 *  bound beside it and renamed, so that nobody can reach it in between. Where another daemon that may be taken over answers, it stays
 *  beside it, as {@code .NAME.PID}; the launcher gives it its name when this daemon is ready. */
final class ControlSocket implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("heddle.shell");
    private final Path path;
    private final Path beside;
    private final Object file;
    private final CommandProcessor processor;
    private final ServerSocketChannel listener;
    private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();

    /** @param takeOver whether another daemon may have the path for now */
    ControlSocket(Path path, CommandProcessor processor, boolean takeOver) throws IOException {
        this.path = path;
        this.beside = path.resolveSibling("." + path.getFileName() + "." + ProcessHandle.current().pid());
        this.processor = processor;
        this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Files.createDirectories(path.toAbsolutePath().getParent());
        Files.deleteIfExists(beside);
        listener.bind(UnixDomainSocketAddress.of(beside));
        Files.setPosixFilePermissions(beside, PosixFilePermissions.fromString("rw-------"));
        file = file(beside);
        if (!takeOver || !answers(path)) Files.move(beside, path, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        Thread.ofPlatform().daemon().name("heddle-control").start(this::accept);
    }

    private static boolean answers(Path path) {
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return probe.isConnected();
        } catch (IOException nobody) {
            return false;
        }
    }

    private static Object file(Path name) throws IOException {
        return Files.getAttribute(name, "unix:ino");
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
            for (Path name : java.util.List.of(path, beside)) if (Files.exists(name) && file(name).equals(file)) Files.delete(name);    // not a successor's
            for (SocketChannel connection : connections) connection.close();
        } catch (IOException left) {
            LOG.log(Level.WARNING, "cannot remove {0}: {1}", path, left.getMessage());
        }
    }
}
