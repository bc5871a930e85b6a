package heddle.itest.felix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The assembled distribution folder. */
final class Distribution {
    static final Path HOME = Path.of(System.getProperty("heddle.home", "../../launcher/target/heddle")).toAbsolutePath().normalize();

    private Distribution() {}

    /** One line of conf/bundles.list; {@code condition} is "" for most. */
    record Line(int level, String name, String condition) {
        Path jar() {
            return HOME.resolve("bundles").resolve(name + ".jar");
        }
    }

    static List<Line> bundles() throws IOException {
        List<Line> lines = new ArrayList<>();
        for (String line : Files.readAllLines(HOME.resolve("conf/bundles.list"))) {
            if (line.isBlank() || line.startsWith("#")) continue;
            String[] words = line.strip().split("\\s+");
            lines.add(new Line(Integer.parseInt(words[0]), words[1], words.length > 2 ? words[2] : ""));
        }
        return lines;
    }

    static List<Path> jars() throws IOException {
        try (Stream<Path> files = Files.list(HOME.resolve("bundles"))) {
            return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
        }
    }
}
