package heddle.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signatures that change ask for a step of their package's version (DESIGN.md, "Keeping api stable"): one taken away or changed, or
 *  a new abstract method of a ConsumerType, breaks a plugin; anything else new does not. As long as a package is at 0.x, the
 *  breaking step is the second number and the other the third. The build of heddle-gateway runs it over its own exported package too. */
class ApiSignatureTest {
    private static final Path RECORDED = Path.of("api.txt");

    enum Step { NONE, ADDED, BROKEN }

    @Test void changedSignaturesHaveTheirVersionStep() throws Exception {
        ApiText now = ApiText.ofClasses(Path.of("target/classes"));
        ApiText recorded = ApiText.read(RECORDED);
        List<String> missing = new ArrayList<>();
        boolean differs = !now.packages().keySet().equals(recorded.packages().keySet());
        for (String name : now.packages().keySet()) {
            ApiText.Exported after = now.packages().get(name);
            ApiText.Exported before = recorded.packages().get(name);
            if (before == null) continue;
            Step step = step(before.lines(), after.lines());
            differs |= step != Step.NONE || !before.version().equals(after.version());
            if (!stepped(before.version(), after.version(), step)) {
                missing.add(name + " " + before.version() + ": version " + asked(before.version(), step) + " is asked for in its package-info.java, since these changed:\n"
                        + String.join("\n", difference(before.lines(), after.lines())));
            }
        }
        assertThat(missing).as("packages whose signatures changed without their version").isEmpty();
        if (System.getProperty("api.update") != null) Files.writeString(RECORDED, now.text());
        else assertThat(differs).as("api.txt is out of date, and the versions are right: run `mvn -pl " + ApiText.bundle() + " -am test -Dapi.update` and commit it").isFalse();
    }

    @ParameterizedTest(name = "{0} → {1} for {2}: {3}")
    @CsvSource({"0.1.0, 0.1.0, NONE, true", "0.1.0, 0.1.0, ADDED, false", "0.1.0, 0.1.1, ADDED, true", "0.1.0, 0.1.1, BROKEN, false", "0.1.3, 0.2.0, BROKEN, true",
        "1.2.0, 1.2.1, ADDED, false", "1.2.0, 1.3.0, ADDED, true", "1.2.0, 1.3.0, BROKEN, false", "1.2.0, 2.0.0, BROKEN, true", "0.9.0, 1.0.0, BROKEN, true"})
    void theStepHasToBeLargeEnough(String before, String after, Step step, boolean enough) {
        assertThat(stepped(before, after, step)).isEqualTo(enough);
    }

    @Test void aNewAbstractMethodBreaksOnlyThoseWhoImplementIt() {
        assertThat(step(lines("a.B: x"), lines("a.B: x", "a.B: y"))).isEqualTo(Step.ADDED);
        assertThat(step(lines("a.B: x"), lines("a.B: x", "consumer a.B: y"))).isEqualTo(Step.BROKEN);
        assertThat(step(lines("a.B: x"), lines("a.B: x", "a.C: public abstract interface a.C", "consumer a.C: y"))).isEqualTo(Step.ADDED);
        assertThat(step(lines("a.B: x", "a.B: y"), lines("a.B: x"))).isEqualTo(Step.BROKEN);
    }

    private static SortedSet<String> lines(String... lines) {
        return new TreeSet<>(List.of(lines));
    }

    private static Step step(SortedSet<String> before, SortedSet<String> after) {
        if (before.equals(after)) return Step.NONE;
        if (!after.containsAll(before)) return Step.BROKEN;
        boolean newDuty = after.stream().filter(line -> !before.contains(line) && line.startsWith(ApiText.CONSUMER))
                .anyMatch(line -> before.stream().anyMatch(known -> type(known).equals(type(line))));
        return newDuty ? Step.BROKEN : Step.ADDED;
    }

    private static String type(String line) {
        String plain = line.startsWith(ApiText.CONSUMER) ? line.substring(ApiText.CONSUMER.length()) : line;
        return plain.substring(0, plain.indexOf(':'));
    }

    private static boolean stepped(String before, String after, Step step) {
        return compare(after, asked(before, step)) >= 0;
    }

    private static String asked(String before, Step step) {
        int[] v = numbers(before);
        int part = switch (step) {
            case NONE -> 3;
            case ADDED -> v[0] == 0 ? 2 : 1;
            case BROKEN -> v[0] == 0 ? 1 : 0;
        };
        if (part == 3) return before;
        v[part]++;
        for (int i = part + 1; i < 3; i++) v[i] = 0;
        return v[0] + "." + v[1] + "." + v[2];
    }

    private static int compare(String a, String b) {
        return java.util.Arrays.compare(numbers(a), numbers(b));
    }

    private static int[] numbers(String version) {
        return java.util.Arrays.stream(version.split("\\.")).limit(3).mapToInt(Integer::parseInt).toArray();
    }

    private static List<String> difference(SortedSet<String> before, SortedSet<String> after) {
        TreeMap<String, String> changes = new TreeMap<>();
        before.stream().filter(line -> !after.contains(line)).forEach(line -> changes.put(line + "-", "  - " + line));
        after.stream().filter(line -> !before.contains(line)).forEach(line -> changes.put(line + "+", "  + " + line));
        return List.copyOf(changes.values());
    }
}
