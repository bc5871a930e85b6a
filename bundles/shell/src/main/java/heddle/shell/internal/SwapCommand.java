package heddle.shell.internal;

import java.util.ArrayList;
import java.util.List;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;

/** {@code mesh:swap}: one bundle for another with no gap, whatever they offer (DESIGN.md, "Hot swap"): the new one starts beside the old,
 *  then the old one stops, which waits for what still uses it. */
record SwapCommand(BundleContext context, Mesh mesh) implements Command {
    @Override public String name() {
        return "swap";
    }

    @Override public String help() {
        return """
                usage: swap OLD NEW
                Starts NEW, then stops OLD when nothing uses it any more (after swap.drain at the latest). Both are symbolic names or ids of installed bundles (plugins --all); NEW may be
                a bundle's file, which is deployed first. OLD stays installed, so that `swap NEW OLD` goes back. Nothing is stopped when NEW does not offer what OLD does.
                """;
    }

    @Override public boolean changes(List<String> arguments) {
        return true;
    }

    @Override public void run(Call call) throws InterruptedException {
        String oldName = call.argument("OLD");
        String newName = call.argument("NEW");
        call.end();
        mesh.change(() -> swap(oldName, newName, call));
    }

    private void swap(String oldName, String newName, Call call) throws InterruptedException {
        Bundles bundles = new Bundles(context);
        Bundle old = bundles.find(oldName).orElseThrow(() -> new CommandFailure(CommandFailure.FAILED, "no bundle " + oldName + " (plugins --all lists them)"));
        ChangeReport report = ChangeReport.begin(mesh);
        Bundle next = newName.endsWith(".jar") ? context.getBundle(Long.parseLong(new LauncherOrders(context).plugins("deploy", newName).getFirst()))
                : bundles.find(newName).orElseThrow(() -> new CommandFailure(CommandFailure.FAILED, "no bundle " + newName + " (plugins --all lists them)"));
        if (next == old) throw new CommandFailure(CommandFailure.FAILED, "OLD and NEW are the same bundle: " + Bundles.label(old));
        boolean wasActive = next.getState() == Bundle.ACTIVE;
        try {
            next.start();
        } catch (BundleException | IllegalStateException bad) {
            throw new CommandFailure(CommandFailure.FAILED, Bundles.label(next) + " cannot be started, " + Bundles.label(old) + " stays: " + bad.getMessage());
        }
        report.awaitTakenUp(Bundles.label(next) + " is started and " + Bundles.label(old) + " stays", ChangeReport.LIMIT);
        requireSameOffers(old, next, wasActive);
        try {
            if (old.getState() != Bundle.UNINSTALLED) old.stop();   // else NEW's file took the place of OLD's
        } catch (BundleException | IllegalStateException bad) {
            throw new CommandFailure(CommandFailure.FAILED, Bundles.label(next) + " is started; " + Bundles.label(old) + " cannot be stopped: " + bad.getMessage());
        }
        String done = "swapped " + Bundles.label(old) + " for " + Bundles.label(next);
        report.awaitInForce(done, ChangeReport.LIMIT);
        call.out().println(done);
        call.out().println(report.end());
    }

    /** Else requests would fail for want of what only OLD offers, which is no swap. */
    private static void requireSameOffers(Bundle old, Bundle next, boolean wasActive) {
        List<String> missing = new ArrayList<>(Bundles.parts(old));
        missing.removeAll(Bundles.parts(next));
        if (missing.isEmpty()) return;
        String fate = wasActive ? "" : ", " + Bundles.label(next) + " is stopped again";
        try {
            if (!wasActive) next.stop();
        } catch (BundleException | IllegalStateException left) {
            fate = ", " + Bundles.label(next) + " cannot be stopped again: " + left.getMessage();
        }
        throw new CommandFailure(CommandFailure.FAILED, Bundles.label(next) + " offers no " + String.join(", no ", missing) + " as " + Bundles.label(old) + " does, which stays" + fate + " (`felix:stop` stops a bundle for nothing)");
    }
}
