package heddle.shell.internal;

import java.util.List;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** {@code mesh:deploy}, {@code mesh:undeploy}, {@code mesh:rollback}: changes in the plugins folder, which the launcher makes. */
record PluginChangeCommand(String name, String argument, String done, String text, BundleContext context, Mesh mesh) implements Command {
    static PluginChangeCommand deploy(BundleContext context, Mesh mesh) {
        return new PluginChangeCommand("deploy", "FILE", "deployed", """
                Copies a bundle into the plugins folder and puts it in force: a file of the same name is replaced without a gap. One that is refused (trust, cannot be resolved or
                started) is named with the reason and kept out; the version before stays. FILE is a path on the daemon's machine.
                """, context, mesh);
    }

    static PluginChangeCommand undeploy(BundleContext context, Mesh mesh) {
        return new PluginChangeCommand("undeploy", "PLUGIN", "undeployed", """
                Takes a plugin (symbolic name or file name) out of service and out of the plugins folder. Returns when the requests that used it have ended, after swap.drain at the
                latest; rules that need it answer 500 from then on.
                """, context, mesh);
    }

    static PluginChangeCommand rollback(BundleContext context, Mesh mesh) {
        return new PluginChangeCommand("rollback", "PLUGIN", "rolled back to", """
                Puts the file that was in force before back (symbolic name or file name); again: forward.
                """, context, mesh);
    }

    @Override public String help() {
        return "usage: " + name + " " + argument + "\n" + text;
    }

    @Override public boolean changes(List<String> arguments) {
        return true;
    }

    @Override public void run(Call call) throws InterruptedException {
        String what = call.argument(argument);
        call.end();
        mesh.change(() -> change(what, call));
    }

    private void change(String what, Call call) throws InterruptedException {
        ChangeReport report = ChangeReport.begin(mesh);
        Bundle before = name.equals("undeploy") ? new Bundles(context).find(what).orElse(null) : null;
        String id = new LauncherOrders(context).plugins(name, what).getFirst();
        Bundle bundle = before == null ? context.getBundle(Long.parseLong(id)) : before;
        String sofar = done + " " + (bundle == null ? what : Bundles.label(bundle));
        if (name.equals("undeploy")) report.awaitInForce(sofar, ChangeReport.LIMIT);
        else report.awaitTakenUp(sofar, ChangeReport.LIMIT);
        call.out().println(sofar);
        call.out().println(report.end());
    }
}
