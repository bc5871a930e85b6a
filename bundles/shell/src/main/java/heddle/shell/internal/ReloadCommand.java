package heddle.shell.internal;

import java.util.Collection;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** {@code mesh:reload}: what SIGHUP does. The launcher offers it as a Runnable. */
record ReloadCommand(BundleContext context) implements Command {
    @Override public String name() {
        return "reload";
    }

    @Override public String help() {
        return """
                usage: reload
                Reads the configuration again, as on SIGHUP; the log says what has changed and what needs a restart.
                """;
    }

    @Override public boolean changes() {
        return true;
    }

    @Override public void run(Call call) throws InvalidSyntaxException {
        call.end();
        Collection<ServiceReference<Runnable>> references = context.getServiceReferences(Runnable.class, "(heddle.order=reload)");
        if (references.isEmpty()) throw new CommandFailure(CommandFailure.FAILED, "the launcher takes no orders");
        ServiceReference<Runnable> reference = references.iterator().next();
        context.getService(reference).run();
        context.ungetService(reference);
        call.out().println("reload asked for; the log says what has changed");
    }
}
