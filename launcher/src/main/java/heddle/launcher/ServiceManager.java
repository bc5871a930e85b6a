package heddle.launcher;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Tells systemd how we are, if it asked (NOTIFY_SOCKET). Through the program systemd-notify: Java has no Unix datagram sockets and
 *  native calls are the steering's alone (docs/decisions/0005-sd-notify.md). The unit needs NotifyAccess=all for it. */
final class ServiceManager {
    private static final System.Logger LOG = System.getLogger("heddle.launcher");
    private final Optional<String> socket = Installation.environment("NOTIFY_SOCKET");

    void ready(String status) {
        tell("READY=1", "MAINPID=" + ProcessHandle.current().pid(), "STATUS=" + status);
    }

    void reloading() {
        tell("RELOADING=1");
    }

    void stopping() {
        tell("STOPPING=1", "STATUS=draining");
    }

    private void tell(String... assignments) {
        if (socket.isEmpty()) return;
        List<String> command = new ArrayList<>(List.of("systemd-notify"));
        command.addAll(List.of(assignments));
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            if (!process.waitFor(5, TimeUnit.SECONDS)) process.destroyForcibly();
        } catch (IOException missing) {
            LOG.log(Level.WARNING, "NOTIFY_SOCKET is set, but systemd-notify cannot be run: {0}", missing.getMessage());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
