package heddle.itest.mesh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/** What the modules are swapped under, as a process of its own that may live in another network namespace and cgroup: 2,000 requests a
 *  second on 50 kept connections ({@link Load}), 20 long streams and 10 WebSockets ({@link Streams}). Forty times a second it replaces a
 *  file with all that it has seen. */
final class SwapLoad {
    private SwapLoad() {}

    /** {@code FILE HOST PORT PATH} */
    public static void main(String[] args) throws IOException, InterruptedException {
        Path file = Path.of(args[0]);
        Path next = Path.of(args[0] + ".new");
        Load load = new Load(args[1], Integer.parseInt(args[2]), args[3], 50, 2000);
        Streams streams = new Streams(args[1], Integer.parseInt(args[2]), args[3], 20, 10);
        while (true) {
            StringBuilder text = new StringBuilder("answers " + load.answers() + "\nunits");
            streams.units().forEach(each -> text.append(' ').append(each));
            text.append("\ntimes");
            load.times().counts().forEach((step, count) -> text.append(' ').append(step).append(':').append(count));
            text.append('\n');
            streams.breaks().forEach(each -> text.append("break ").append(each.nanos()).append(' ').append(each.what()).append('\n'));
            load.failures().forEach(each -> text.append("failure ").append(each).append('\n'));
            streams.failures().forEach(each -> text.append("failure ").append(each).append('\n'));
            Files.writeString(next, text);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
            Thread.sleep(25);
        }
    }

    /** All up to a moment. */
    record Seen(long answers, List<Long> units, Times times, List<Streams.Break> breaks, List<String> failures) {
        static Seen read(Path file) {
            Seen seen = new Seen(0, new ArrayList<>(), new Times(new TreeMap<>()), new ArrayList<>(), new ArrayList<>());
            try {
                for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
                    String[] words = line.split(" ");
                    switch (words[0]) {
                        case "answers" -> seen = new Seen(Long.parseLong(words[1]), seen.units, seen.times, seen.breaks, seen.failures);
                        case "units" -> List.of(words).subList(1, words.length).forEach(new Into(seen)::unit);
                        case "times" -> List.of(words).subList(1, words.length).forEach(new Into(seen)::time);
                        case "break" -> seen.breaks.add(new Streams.Break(Long.parseLong(words[1]), line.split(" ", 3)[2]));
                        default -> seen.failures.add(line);
                    }
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return seen;
        }

        private record Into(Seen seen) {
            void unit(String word) {
                seen.units.add(Long.parseLong(word));
            }

            void time(String word) {
                seen.times.counts().put(Integer.parseInt(word.split(":")[0]), Long.parseLong(word.split(":")[1]));
            }
        }

        /** Whether each stream has received more than it had then. */
        boolean allFlowSince(Seen then) {
            for (int i = 0; i < units.size(); i++) if (units.get(i) <= (i < then.units.size() ? then.units.get(i) : 0)) return false;
            return !units.isEmpty();
        }

        List<Streams.Break> breaksSince(Seen then) {
            return breaks.subList(then.breaks.size(), breaks.size());
        }
    }

    /** A load that was started, by the file that it writes. */
    record Running(Process process, Path file) implements AutoCloseable {
        /** @param before words before the command, such as those of {@code heddle exec} */
        static Running start(List<String> before, Path folder, String host, int port, String path) {
            Path file = folder.resolve("load.seen");
            List<String> words = new ArrayList<>(before);
            words.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx64m", "-cp",
                    SwapLoad.class.getProtectionDomain().getCodeSource().getLocation().getPath(), SwapLoad.class.getName(), file.toString(), host, Integer.toString(port), path));
            try {
                return new Running(Command.of(words).start(folder.resolve("load.out"), folder.resolve("load.out")), file);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        Seen seen() {
            return Seen.read(file);
        }

        /** Waits until all streams flow and so many answers have come; what was seen then. */
        Seen more(long answers) {
            Seen before = seen();
            Await.until(answers + " more answers, and something on each stream", Duration.ofSeconds(60), () -> {
                LockSupport.parkNanos(20_000_000);      // reading it all the time would take a good part of a core from what is measured
                Seen now = seen();
                return now.answers >= before.answers + answers && now.allFlowSince(before);
            }, () -> seen().toString());
            return seen();
        }

        @Override public void close() {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
