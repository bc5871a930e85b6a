package heddle.itest.mesh;

import java.util.List;
import java.util.TreeMap;

/** How long answers took, counted in steps of {@link Load#STEP_MICROS}; the last step of a {@link Load} holds all slower ones. */
record Times(TreeMap<Integer, Long> counts) {
    static Times all(List<Times> windows) {
        TreeMap<Integer, Long> all = new TreeMap<>();
        windows.forEach(each -> each.counts.forEach((step, count) -> all.merge(step, count, Long::sum)));
        return new Times(all);
    }

    Times since(Times then) {
        TreeMap<Integer, Long> since = new TreeMap<>();
        counts.forEach((step, count) -> since.put(step, count - then.counts.getOrDefault(step, 0L)));
        return new Times(since);
    }

    long answers() {
        return counts.values().stream().mapToLong(each -> each).sum();
    }

    /** How long 99 of 100 took at most, in milliseconds. */
    double p99() {
        return slowestBut(answers() / 100);
    }

    /** In milliseconds. */
    double longest() {
        return slowestBut(0);
    }

    private double slowestBut(long slower) {
        for (var each : counts.descendingMap().entrySet()) {
            slower -= each.getValue();
            if (slower < 0) return (each.getKey() + 1) * Load.STEP_MICROS / 1000.0;
        }
        return 0;
    }
}
