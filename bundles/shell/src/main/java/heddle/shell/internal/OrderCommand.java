package heddle.shell.internal;

import java.util.List;
import org.osgi.framework.BundleContext;

/** {@code mesh:reload} and {@code mesh:stop}: what SIGHUP and SIGTERM do. The launcher offers each order as a Runnable. */
record OrderCommand(BundleContext context, String name, String help, String answer) implements Command {
    static OrderCommand reload(BundleContext context) {
        return new OrderCommand(context, "reload", """
                usage: reload
                Reads the configuration again, as on SIGHUP; the log says what has changed and what needs a restart.
                """, "reload asked for; the log says what has changed");
    }

    static OrderCommand stop(BundleContext context) {
        return new OrderCommand(context, "stop", """
                usage: stop
                Ends the daemon, as SIGTERM does: requests under way end first.
                """, "stop asked for; requests under way end first");
    }

    @Override public boolean changes(List<String> arguments) {
        return true;
    }

    @Override public void run(Call call) {
        call.end();
        new LauncherOrders(context).give(name);
        call.out().println(answer);
    }
}
