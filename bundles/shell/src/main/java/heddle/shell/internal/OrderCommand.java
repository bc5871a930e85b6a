package heddle.shell.internal;

import java.util.Collection;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

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

    @Override public boolean changes() {
        return true;
    }

    @Override public void run(Call call) throws InvalidSyntaxException {
        call.end();
        Collection<ServiceReference<Runnable>> references = context.getServiceReferences(Runnable.class, "(heddle.order=" + name + ")");
        if (references.isEmpty()) throw new CommandFailure(CommandFailure.FAILED, "the launcher takes no orders");
        ServiceReference<Runnable> reference = references.iterator().next();
        context.getService(reference).run();
        context.ungetService(reference);
        call.out().println(answer);
    }
}
