package heddle.itest.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** By hand, on a quiet machine (docs/PLUGINS.md says how): each misbehaviour, off the loop and on it, with the default budget, and what it does
 *  to the other routes: 500 requests a second on 20 kept connections. Windows in which the filter is called alternate with as many in which
 *  the same requests go to a route without it, since a machine is not as fast in one minute as in the next. It prints, and asserts that no
 *  request of the others fails; the rest is {@link MisbehavingPluginIT}'s. */
class MisbehaviourTable {
    private static final int ROUNDS = Integer.getInteger("heddle.rounds", 10);
    private static final int REQUESTS = 4;
    private static final long WINDOW_NANOS = 1_500_000_000L;
    @TempDir Path temp;

    @ParameterizedTest(name = "on the loop: {0}")
    @ValueSource(booleans = {false, true})
    void printed(boolean loop) throws IOException, InterruptedException {
        System.out.printf("misbehaving plugins, filters %s, %d rounds each; p99 and longest in ms, of other routes:%n"
                + "| the filter | its answers | first after s | others' answers | failed | p99 without | p99 with | ratio | ratio until its first answer | longest without | with | then | its threads 1 s after undeploy |%n", loop ? "on the event loop" : "off the loop", ROUNDS);
        try (Field field = MisbehavingPluginIT.shop(Field.onBind().asShipped())) {
            field.backend("oven", 101, "8080");
            field.start();
            for (Misbehaviour what : Misbehaviour.values()) System.out.println(row(field, what, loop));
        }
    }

    private String row(Field field, Misbehaviour what, boolean loop) throws IOException, InterruptedException {
        Control control = new Control(field.socket());
        Path jar = what.jar(temp, loop);
        MisbehavingPluginIT.route(field, what.kind(), "");
        Map<Integer, Integer> statuses = new TreeMap<>();
        List<Times> without = new ArrayList<>();
        List<Times> with = new ArrayList<>();
        List<Times> untilFirst = new ArrayList<>();
        double first = 0;
        boolean faulty = false;
        try (Load load = new Load(field.host(11), 8000, "/", 20, 500)) {
            Thread.sleep(2000);
            for (int round = 0; round < ROUNDS; round++) {
                control.run("mesh:deploy " + jar);
                Times quiet = load.times();
                long begin = System.nanoTime();
                for (int i = 0; i < REQUESTS; i++) assertThat(Curl.get("http://" + field.host(11) + ":8000/").status()).isEqualTo(200);
                rest(begin);
                Times begun = load.times();
                without.add(begun.since(quiet));
                begin = System.nanoTime();
                for (int i = 0; i < REQUESTS; i++) {
                    statuses.merge(MisbehavingPluginIT.bad(field).status(), 1, Integer::sum);
                    if (i > 0) continue;
                    first += (System.nanoTime() - begin) / 1e9 / ROUNDS;
                    untilFirst.add(load.times().since(begun));
                }
                rest(begin);
                with.add(load.times().since(begun));
                faulty |= control.run("mesh:plugins").contains(what.bundle() + " is faulty");
                control.run("mesh:undeploy " + what.bundle());
                Thread.sleep(1000);
            }
            long left = MisbehavingPluginIT.threads(field).lines().filter(line -> line.contains(" " + what.bundle())).count();
            Times quiet = Times.all(without);
            Times troubled = Times.all(with);
            Times waited = Times.all(untilFirst);
            String row = String.format(Locale.ROOT, "| %s | %s | %.2f | %d | %d | %.2f | %.2f | %.2f | %s | %.1f | %.1f | %s, daemon %s | %d |", what.kind(), statuses, first, troubled.answers(), load.failures().size(), quiet.p99(),
                    troubled.p99(), troubled.p99() / quiet.p99(), ratioUntil(waited, quiet), quiet.longest(), troubled.longest(), faulty ? "faulty" : "goes on", field.daemon().isAlive() ? "lives" : "HAS ENDED", left);
            assertThat(load.failures()).as(row).isEmpty();
            return row;
        }
    }

    /** Of the time until the call had ended or was ended; nothing where that were so few answers that their slowest would stand for all. */
    private static String ratioUntil(Times untilFirst, Times quiet) {
        return untilFirst.answers() < 1000 ? "" : String.format(Locale.ROOT, "%.2f", untilFirst.p99() / quiet.p99());
    }

    private static void rest(long begin) throws InterruptedException {
        long left = begin + WINDOW_NANOS - System.nanoTime();
        if (left > 0) Thread.sleep(left / 1_000_000);
    }
}
