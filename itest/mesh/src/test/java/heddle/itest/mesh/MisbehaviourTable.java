package heddle.itest.mesh;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** By hand, on a quiet machine (docs/PLUGINS.md says how): each misbehaviour, off the loop and on it, with the default budget, and what it does
 *  to the other routes: 500 requests a second on 20 kept connections. It prints; {@link MisbehavingPluginIT} asserts. */
class MisbehaviourTable {
    private static final int SECONDS = Integer.getInteger("heddle.seconds", 10);
    private static final int BAD = 20;
    @TempDir Path temp;

    @ParameterizedTest(name = "on the loop: {0}")
    @ValueSource(booleans = {false, true})
    void printed(boolean loop) throws IOException, InterruptedException {
        System.out.printf("misbehaving plugins, filters %s, %d s each; p99 and longest in ms, of other routes:%n"
                + "| the filter | its answers | first after s | others' failures | p99 without | p99 with | ratio | p99 until its first answer | longest with | then | its threads 1 s after undeploy |%n", loop ? "on the event loop" : "off the loop", SECONDS);
        try (Field field = MisbehavingPluginIT.shop(Field.onBind())) {
            field.backend("oven", 101, "8080");
            field.start();
            for (Misbehaviour what : Misbehaviour.values()) System.out.println(row(field, what, loop));
        }
    }

    private String row(Field field, Misbehaviour what, boolean loop) throws IOException, InterruptedException {
        MisbehavingPluginIT.route(field, what.kind(), "");
        Map<Integer, Integer> statuses = new TreeMap<>();
        try (Load load = new Load(field.host(11), 8000, "/", 20, 500)) {
            Thread.sleep(2000);
            Map<Integer, Long> start = load.times();
            Thread.sleep(SECONDS * 1000L);
            double quiet = percentile(start, load.times(), 0.99);
            MisbehavingPluginIT.deploy(field, what.jar(temp, loop));
            Map<Integer, Long> begun = load.times();
            long begin = System.nanoTime();
            double first = 0;
            double until = 0;
            for (int i = 0; i < BAD; i++) {
                statuses.merge(MisbehavingPluginIT.bad(field).status(), 1, Integer::sum);
                if (i == 0) {
                    first = (System.nanoTime() - begin) / 1e9;
                    until = percentile(begun, load.times(), 0.99);
                }
                long pause = begin + (i + 1) * SECONDS * 1_000_000_000L / BAD - System.nanoTime();
                if (pause > 0) Thread.sleep(pause / 1_000_000);
            }
            Map<Integer, Long> end = load.times();
            double with = percentile(begun, end, 0.99);
            String faulty = field.heddle("plugins").out().contains(what.bundle() + " is faulty") ? "faulty" : "goes on";
            field.heddle("undeploy", what.bundle());
            Thread.sleep(1000);
            long left = MisbehavingPluginIT.threads(field).lines().filter(line -> line.contains(" " + what.bundle())).count();
            return String.format(Locale.ROOT, "| %s | %s | %.2f | %d | %.2f | %.2f | %.1f | %.2f | %.1f | %s, daemon %s | %d |", what.kind(), statuses, first, load.failures().size(), quiet, with, with / quiet,
                    until, percentile(begun, end, 1), faulty, field.daemon().isAlive() ? "lives" : "HAS ENDED", left);
        }
    }

    /** Of the answers between two moments, in milliseconds: 0.99 = so many of them took no longer; 1 = none did (2000 = two seconds or more). */
    private static double percentile(Map<Integer, Long> from, Map<Integer, Long> to, double share) {
        Map<Integer, Long> since = new TreeMap<>();
        to.forEach((step, count) -> since.put(step, count - from.getOrDefault(step, 0L)));
        long all = since.values().stream().mapToLong(each -> each).sum();
        long passed = 0;
        int last = -1;
        for (Map.Entry<Integer, Long> each : since.entrySet()) {
            if (each.getValue() == 0) continue;
            last = each.getKey();
            passed += each.getValue();
            if (passed >= Math.ceil(all * share)) break;
        }
        return (last + 1) * Load.STEP_MICROS / 1000.0;
    }
}
