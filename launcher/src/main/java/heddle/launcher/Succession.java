package heddle.launcher;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Taking the place of the daemon that has the control socket ({@code --take-over}): until this one is ready the other works on as if
 *  nothing were; then the socket's name moves here and the other is asked to end, which lets its requests end first. Were this one to
 *  die before, nothing would have changed; were it to die after, the other one, if it still lives, steers again. */
final class Succession {
    private static final System.Logger LOG = System.getLogger("heddle.launcher");
    private final Path socket;

    /** @param socket at which the other daemon answers */
    Succession(Path socket) {
        this.socket = socket;
    }

    /** Where the shell bundle listens while another daemon has the name. */
    static Path beside(Path socket) {
        return socket.resolveSibling("." + socket.getFileName() + "." + ProcessHandle.current().pid());
    }

    /** This daemon is ready and steers. */
    void complete() {
        try (ControlClient old = new ControlClient(socket)) {
            move();
            int status = old.call("stop", List.of(), new PrintStream(PrintStream.nullOutputStream()), System.err);
            if (status == 0) LOG.log(Level.INFO, "taken over; the daemon before this one ends when its requests have ended");
            else LOG.log(Level.WARNING, "taken over; the daemon before this one does not end by itself: send it SIGTERM");
        } catch (ControlClient.NoDaemonException gone) {
            move();
            LOG.log(Level.INFO, "taken over; the daemon before this one has ended");
        } catch (IOException failed) {
            LOG.log(Level.WARNING, "taken over; the daemon before this one did not answer ({0}): send it SIGTERM", failed.getMessage());
        }
    }

    private void move() {
        try {
            Files.move(beside(socket), socket, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException stays) {
            LOG.log(Level.WARNING, "the control socket stays at {0}: {1}", beside(socket), stays.getMessage());
        }
    }
}
