package heddle.shell.internal;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;

/** {@code mesh:swap}: one bundle for another with no gap, whatever they offer (DESIGN.md, "Hot swap"): the new one starts beside the old,
 *  then the old one stops, which waits for what still uses it. */
record SwapCommand(BundleContext context, Mesh mesh) implements Command {
    private static final Duration TAKEN_UP = Duration.ofSeconds(20);

    @Override public String name() {
        return "swap";
    }

    @Override public String help() {
        return """
                usage: swap OLD NEW
                Starts NEW, then stops OLD when nothing uses it any more (after swap.drain at the latest). Both are symbolic names or ids of installed bundles (plugins --all); NEW may be
                a bundle's file, which is deployed first. OLD stays installed, so that `swap NEW OLD` goes back.
                """;
    }

    @Override public boolean changes() {
        return true;
    }

    @Override public void run(Call call) {
        String oldName = call.argument("OLD");
        String newName = call.argument("NEW");
        call.end();
        Bundles bundles = new Bundles(context);
        Bundle old = bundles.find(oldName).orElseThrow(() -> new CommandFailure(CommandFailure.FAILED, "no bundle " + oldName + " (plugins --all lists them)"));
        ChangeReport report = ChangeReport.begin(mesh);
        Set<String> missing = Set.copyOf(mesh.inspector().status().notReady());
        Bundle next = newName.endsWith(".jar") ? context.getBundle(Long.parseLong(new LauncherOrders(context).plugins("deploy", newName).getFirst()))
                : bundles.find(newName).orElseThrow(() -> new CommandFailure(CommandFailure.FAILED, "no bundle " + newName + " (plugins --all lists them)"));
        if (next == old) throw new CommandFailure(CommandFailure.FAILED, "OLD and NEW are the same bundle: " + Bundles.label(old));
        try {
            next.start();
        } catch (BundleException bad) {
            throw new CommandFailure(CommandFailure.FAILED, Bundles.label(next) + " cannot be started, " + Bundles.label(old) + " stays: " + bad.getMessage());
        }
        awaitTakenUp(missing, old, next);
        try {
            old.stop();
        } catch (BundleException bad) {
            throw new CommandFailure(CommandFailure.FAILED, Bundles.label(next) + " is started; " + Bundles.label(old) + " cannot be stopped: " + bad.getMessage());
        }
        call.out().println("swapped " + Bundles.label(old) + " for " + Bundles.label(next));
        call.out().println(report.end());
    }

    /** Waits until the mesh lacks nothing that it had before: a new source has delivered, and that is in force. */
    private void awaitTakenUp(Set<String> before, Bundle old, Bundle next) {
        long end = System.nanoTime() + TAKEN_UP.toNanos();
        while (true) {
            List<String> missing = mesh.inspector().status().notReady().stream().filter(each -> !before.contains(each)).toList();
            if (missing.isEmpty()) return;
            if (System.nanoTime() - end > 0) {
                throw new CommandFailure(CommandFailure.FAILED, Bundles.label(next) + " is started but not taken up within " + TAKEN_UP.toSeconds() + " s, so " + Bundles.label(old) + " stays: " + String.join("; ", missing));
            }
            LockSupport.parkNanos(2_000_000);
        }
    }
}
