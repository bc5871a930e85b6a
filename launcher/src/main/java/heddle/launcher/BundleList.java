package heddle.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** conf/bundles.list. */
record BundleList(List<Entry> entries) {
    enum Start { ALWAYS, FRAGMENT, STEERING, FALLBACK, KUBERNETES }

    record Entry(int level, Path jar, Start start) {}

    static BundleList read(Path file, Path folder) throws IOException {
        List<Entry> entries = new ArrayList<>();
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            if (line.isBlank() || line.startsWith("#")) continue;
            String[] words = line.strip().split("\\s+");
            try {
                Path jar = folder.resolve(words[1] + ".jar");
                if (!Files.isRegularFile(jar)) throw new IllegalArgumentException("no such file: " + jar);
                Start start = words.length < 3 ? Start.ALWAYS : switch (words[2]) {
                    case "fragment" -> Start.FRAGMENT;
                    case "steering" -> Start.STEERING;
                    case "fallback" -> Start.FALLBACK;
                    case "kubernetes" -> Start.KUBERNETES;
                    default -> throw new IllegalArgumentException(words[2] + " (expected: fragment, steering, fallback or kubernetes)");
                };
                entries.add(new Entry(Integer.parseInt(words[0]), jar, start));
            } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException bad) {
                throw new IOException(file + ":" + number + ": " + bad.getMessage(), bad);
            }
        }
        return new BundleList(List.copyOf(entries));
    }

    /** The level at which the steering has started or given up. */
    int steeringLevel() {
        return entries.stream().filter(entry -> entry.start() == Start.STEERING).mapToInt(Entry::level).max().orElse(lastLevel());
    }

    int lastLevel() {
        return entries.stream().mapToInt(Entry::level).max().orElse(1);
    }
}
