package heddle.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/CONFORMANCE.md has a row for every rule, and every test that it names is a test method in the folder that its place stands for. */
class ConformanceDocIT {
    private static final Path ROOT = Path.of("../..");
    private static final Pattern ROW = Pattern.compile("\\|\\s*([^|]+?)\\s*\\|.*");
    private static final Pattern TEST = Pattern.compile("\\b([a-z-]+)/([A-Z]\\w+)\\.(\\w+)\\b");
    private static final Map<String, Integer> ROWS = Map.of("A", 15, "P", 9, "M", 13, "F", 12, "B", 14, "T", 9, "S", 10);
    private static final List<String> OTHER_ROWS = List.of("per-workload", "§3.1", "§3.1a", "§3.2", "§3.3", "§3.4", "§3.5", "§3.6", "§3.7", "§3.8", "§3.grpc",
            "failure codes", "query on redirect", "filters' order", "Host and port", "HTTP hygiene", "unknown fields", "own answers", "hop-by-hop",
            "ports without HTTP", "when-down", "endpoints", "two sources", "forwarded headers");

    @Test void everyRuleHasItsRowWithATest() throws IOException {
        List<String> bare = new ArrayList<>();
        List<String> found = new ArrayList<>();
        for (String line : document()) {
            Matcher row = ROW.matcher(line);
            if (!row.matches()) continue;
            found.add(row.group(1));
            if (rules().contains(row.group(1)) && !TEST.matcher(line).find()) bare.add(row.group(1));
        }
        assertThat(found).containsAll(rules());
        assertThat(found.stream().filter(rules()::contains)).doesNotHaveDuplicates();
        assertThat(bare).as("rows without a test").isEmpty();
    }

    @Test void everyTestThatIsNamedIsThere() throws IOException {
        TreeSet<String> missing = new TreeSet<>();
        int named = 0;
        for (String line : document()) {
            for (Matcher test = TEST.matcher(line); test.find(); named++) {
                if (!isThere(test.group(1), test.group(2), test.group(3))) missing.add(test.group());
            }
        }
        assertThat(named).isGreaterThan(100);
        assertThat(missing).isEmpty();
    }

    private static List<String> rules() {
        return Stream.concat(ROWS.entrySet().stream().flatMap(each -> IntStream.rangeClosed(1, each.getValue()).mapToObj(i -> each.getKey() + i)), OTHER_ROWS.stream()).toList();
    }

    private static List<String> document() throws IOException {
        return Files.readAllLines(ROOT.resolve("docs/CONFORMANCE.md"));
    }

    /** The method carries an annotation of a test, on its own line or on lines above. */
    private static boolean isThere(String place, String type, String method) throws IOException {
        Path folder = switch (place) {
            case "testkit" -> ROOT.resolve("plugins-sdk/testkit/src");
            case "bpf", "mesh", "felix", "fuzz" -> ROOT.resolve("itest/" + place + "/src");
            default -> ROOT.resolve("bundles/" + place + "/src");
        };
        if (!Files.isDirectory(folder)) return false;
        Pattern wanted = Pattern.compile("@(Test|ParameterizedTest|RepeatedTest|FuzzTest)\\b(?:(?!\\bvoid\\b)[\\s\\S])*?\\bvoid " + method + "\\(");
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(each -> each.getFileName().toString().equals(type + ".java")).toList()) {
                if (wanted.matcher(Files.readString(file)).find()) return true;
            }
        }
        return false;
    }
}
