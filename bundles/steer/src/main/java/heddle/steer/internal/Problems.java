package heddle.steer.internal;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is wrong now, by cause; each is logged when it appears. Any thread. */
final class Problems {
    private static final System.Logger LOG = System.getLogger("heddle.steer");
    private final Map<String, String> byCause = new TreeMap<>();

    synchronized void report(String cause, String sentence) {
        if (!sentence.equals(byCause.put(cause, sentence))) LOG.log(System.Logger.Level.WARNING, sentence);
    }

    synchronized void solved(String cause) {
        byCause.remove(cause);
    }

    synchronized void solvedAll(String prefix) {
        byCause.keySet().removeIf(cause -> cause.startsWith(prefix));
    }

    synchronized List<String> sentences() {
        return List.copyOf(byCause.values());
    }
}
